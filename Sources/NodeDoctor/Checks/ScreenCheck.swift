import NodeCore
import NodeRuntime

/// Which screens there are for those who ask, through the same worker. No picture is taken.
struct ScreenCheck: Check {
    static let topics = [topic]
    private static let topic = "screen.list"

    func findings(in patient: Patient) async -> [Finding] {
        // Who has come by itself is asked by the running daemon only.
        if let sessions = patient.status?.sessions, !sessions.isEmpty,
            patient.enabledFamilies.contains(where: { $0.commands.contains("screen.list") })
        {
            let names = Set(sessions.map(\.user)).sorted().joined(separator: ", ")
            return [.ok(Self.topic, "shown by the session of \(names)")]
        }
        return await ask(patient)
    }

    private func ask(_ patient: Patient) async -> [Finding] {
        switch await WorkerQuestion(command: "screen.list").ask(patient) {
        case .answered(let reply):
            [
                Self.judge(
                    reply, invitation: Self.invitation(patient.configuration), closerLook: patient.workersCloserLook)
            ]
        case .skipped(let why): [.skipped(Self.topic, why)]
        case .cancelled: []
        }
    }

    /// What lets a session's worker in, and what makes it come; nil for a node that is in its user's session.
    static func invitation(_ configuration: Configuration) -> String? {
        guard configuration.owner == .machine else { return nil }
        let come = "as the desktop's user: systemctl --user enable --now clawnode-session"
        guard configuration.sessionUsers.isEmpty else { return come }
        return "put \"sessions\": {\"allow\": [\"USER\"]} into \(configuration.file) and then: "
            + "\(configuration.owner.restart); \(come)"
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

    static func judge(_ reply: Reply, invitation: String?, closerLook: String) -> Finding {
        switch reply.outcome {
        // Of a worker that fails it is not the screen's refusal that tells what to do.
        case .failure(let refusal) where refusal.code == .unavailable:
            return .error(topic, refusal.message, remedy: closerLook)
        case .failure(let refusal) where refusal.code == .invalidRequest && invitation != nil:
            return .warning(
                topic,
                "\(refusal.message.split(separator: ";").first ?? "no screen"): the machine's own node is in nobody's session, and no session's worker has come",
                remedy: invitation ?? closerLook)
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
