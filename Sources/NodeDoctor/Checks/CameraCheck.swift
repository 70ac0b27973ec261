import NodeCore

/// Which cameras there are for those who ask, through the same worker.
struct CameraCheck: Check {
    static let topics = ["camera.list"]

    func findings(in patient: Patient) async -> [Finding] {
        switch await WorkerQuestion(command: "camera.list").ask(patient) {
        case .answered(let reply):
            [Self.judge(reply, patient.configuration.owner, closerLook: patient.workersCloserLook)]
        case .skipped(let why): [.skipped("camera.list", why)]
        case .cancelled: []
        }
    }

    private struct Answer: Decodable {
        struct Camera: Decodable {
            var id: String
            var name: String
            var busy: Bool?
        }

        var devices: [Camera]
    }

    static func judge(_ reply: Reply, _ owner: NodeOwner, closerLook: String) -> Finding {
        switch reply.outcome {
        // Of a worker that fails it is not the camera's refusal that tells what to do.
        case .failure(let refusal) where refusal.code == .unavailable && !refusal.message.contains("; on the node's"):
            return .error("camera.list", refusal.message, remedy: closerLook)
        case .failure(let refusal):
            return Finding("camera.list", .error, told: refusal.message, otherwise: closerLook)
        case .success(let json):
            // Ours, so it can be read.
            let cameras = (try? JSON.decode(Answer.self, from: json))?.devices ?? []
            guard !cameras.isEmpty else {
                return .note(
                    "camera.list", "no camera is seen",
                    remedy: "plug one in, then: \(owner.clawnode) invoke camera.list")
            }
            let names = cameras.map { "\($0.id) (\($0.name)\($0.busy == true ? ", in use" : ""))" }
            return .ok("camera.list", names.joined(separator: ", "))
        }
    }
}
