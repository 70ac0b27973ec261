import Gateway
import NodeCore
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
        if let status = patient.status, status.gateway != nil, !status.hasAllowList {
            return [.skipped("gateway.commands", "what answers there serves no node of ours")]
        }
        let declared = patient.status?.declared.commands ?? []
        return [
            Self.judge(
                declared.isEmpty ? patient.configuration.offered : declared, patient.status, patient.configuration.owner
            )
        ]
    }

    static func judge(_ offered: [String], _ status: NodeStatus?, _ owner: NodeOwner) -> Finding {
        let list = AllowList(release: status?.gateway?.serverVersion)
        let lacking = list.lacking(offered)
        let unproven = lacking.filter { status?.declared.asked?.contains($0) != true }
        guard !unproven.isEmpty else {
            return .ok("gateway.commands", "the gateway has passed on every command that is offered")
        }
        return .note(
            "gateway.commands",
            "the gateway does not tell which commands it lets through; as a default none of these: "
                + unproven.joined(separator: " "),
            // All of them, for it takes the place of what was there.
            remedy: "in the gateway's configuration: " + list.lines(for: lacking) + ", then: \(owner.restart)")
    }
}
