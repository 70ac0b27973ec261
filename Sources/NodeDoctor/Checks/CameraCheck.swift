import LinuxIO
import NodeCamera
import NodeCore
import NodeRuntime
import Worker

/// Which cameras there are for those who ask, through the same worker.
struct CameraCheck: Check {
    static let topics = ["camera.list"]

    private static let command: CommandName = "camera.list"
    private static let patience = Duration.seconds(15)

    func findings(in patient: Patient) async -> [Finding] {
        guard let family = patient.enabledFamilies.first(where: { $0.commands.contains(Self.command) }),
            let program = family.worker
        else { return [.skipped("camera.list", patient.complaint == nil ? "camera is off" : Patient.notUnderstood)] }
        let source = WorkerSource(of: program, patient.configuration, patient.surroundings)
        if let why = patient.whyNotAsked(source) { return [.skipped("camera.list", why)] }
        var configuration = patient.configuration
        // Whatever gateways are offered of it.
        configuration.commands = nil
        let offer = Offer(configuration, patient.surroundings, loop: patient.loop, log: .silent)
        let invocation = Invocation(
            id: "doctor", command: Self.command, params: nil, deadline: patient.loop.now + Self.patience,
            payloadLimit: 1 << 20)
        do {
            let reply = try await offer.perform(invocation, on: patient.loop, log: .silent)
            return [Self.judge(reply, closerLook: patient.workersCloserLook)]
        } catch { return [] }  // cancelled, and of no interest any more
    }

    private struct Answer: Decodable {
        struct Camera: Decodable {
            var id: String
            var name: String
            var busy: Bool?
        }

        var devices: [Camera]
    }

    static func judge(_ reply: Reply, closerLook: String) -> Finding {
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
                    "camera.list", "no camera is seen", remedy: "plug one in, then: clawnode invoke camera.list")
            }
            let names = cameras.map { "\($0.id) (\($0.name)\($0.busy == true ? ", in use" : ""))" }
            return .ok("camera.list", names.joined(separator: ", "))
        }
    }
}
