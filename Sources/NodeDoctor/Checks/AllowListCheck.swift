import NodeRuntime

/// Which commands the gateway's own list has to allow. No gateway tells its nodes (openclaw-gateway §7.4); what it has passed on once
/// is allowed.
struct AllowListCheck: FileCheck {
    static let topics = ["gateway.commands"]

    func look(at patient: Patient) -> [Finding] {
        // What keeps the gateway unknown is told by another check.
        guard let target = try? GatewayTarget(of: patient) else {
            return [.skipped("gateway.commands", GatewayCheck.nothingToAsk)]
        }
        guard target.dialect(in: patient) != .goclaw else {
            return [.skipped("gateway.commands", "a GoClaw gateway has no list of commands")]
        }
        let declared = patient.status?.declared.commands ?? []
        return [Self.judge(declared.isEmpty ? patient.configuration.offered : declared, patient.status)]
    }

    static func judge(_ offered: [String], _ status: NodeStatus?) -> Finding {
        let unproven = offered.filter { status?.declared.asked?.contains($0) != true }
        guard !unproven.isEmpty else {
            return .ok("gateway.commands", "the gateway has passed on every command that is offered")
        }
        // Of Linux nodes no release allows any of ours by itself (§7.3); the operator's list replaces what was there.
        let list = "[" + offered.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        return .note(
            "gateway.commands",
            "the gateway does not tell which commands it lets through; as a default none of these: "
                + unproven.joined(separator: " "),
            remedy: "in the gateway's configuration: " + line(list, status?.gateway?.serverVersion)
                + ", then restart clawnode")
    }

    /// The key was renamed between April and August 2026 (§7.1).
    private static func line(_ list: String, _ release: String?) -> String {
        let now = "{ gateway: { nodes: { commands: { allow: \(list) } } } }"
        let until = "{ gateway: { nodes: { allowCommands: \(list) } } }"
        let parts = (release ?? "").split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, parts[0] >= 2026 else { return now + " (until April 2026: \(until))" }
        if parts[0] > 2026 || parts[1] >= 8 { return now }
        return parts[1] <= 4 ? until : now + " (until April 2026: \(until))"
    }
}

extension Configuration {
    /// The commands that a daemon with it offers.
    fileprivate var offered: [String] {
        Family.all.filter { enabled.contains($0.name) }.flatMap(\.commands).map(\.text)
            .filter { commands?.contains($0) ?? true }
    }
}
