import NodeCore

/// Which screens there are for those who ask, through the same worker. No picture is taken.
struct ScreenCheck: Check {
    static let topics = [topic]
    private static let topic = "screen.list"

    func findings(in patient: Patient) async -> [Finding] {
        switch await WorkerQuestion(command: "screen.list").ask(patient) {
        case .answered(let reply):
            [Self.judge(reply, patient.configuration.owner, closerLook: patient.workersCloserLook)]
        case .skipped(let why): [.skipped(Self.topic, why)]
        case .cancelled: []
        }
    }

    private struct Answer: Decodable {
        struct Screen: Decodable {
            var index: Int
            var name: String
            var width: Int
            var height: Int
        }

        var screens: [Screen]
    }

    static func judge(_ reply: Reply, _ owner: NodeOwner, closerLook: String) -> Finding {
        switch reply.outcome {
        // Of a worker that fails it is not the screen's refusal that tells what to do.
        case .failure(let refusal) where refusal.code == .unavailable:
            return .error(topic, refusal.message, remedy: closerLook)
        case .failure(let refusal) where refusal.code == .invalidRequest && owner == .machine:
            return .warning(
                topic,
                "\(refusal.message.split(separator: ";").first ?? "no screen"): the machine's own node is in nobody's session",
                remedy: "as the desktop's user: systemctl --user enable --now clawnode")
        case .failure(let refusal): return Finding(topic, .warning, told: refusal.message, otherwise: closerLook)
        case .success(let json):
            // Ours, so it can be read.
            let screens = (try? JSON.decode(Answer.self, from: json))?.screens ?? []
            let names = screens.map { "\($0.index) is \($0.name) (\($0.width)×\($0.height))" }
            // As the kernel calls a framebuffer.
            let isConsole = screens.allSatisfy { $0.name.hasPrefix("fb") }
            return .ok(topic, (isConsole ? "no desktop, but the console: " : "") + names.joined(separator: ", "))
        }
    }
}
