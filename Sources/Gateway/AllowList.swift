/// What a gateway's own configuration lets a Linux node do, whatever is approved (openclaw-gateway §7). No gateway tells its nodes.
package struct AllowList: Sendable {
    /// Of OpenClaw's releases, those that differ here.
    private enum Age {
        case untilApril, between, sinceAugust
    }

    /// Nil while the gateway has not told its release.
    private let age: Age?

    /// `release` is the version that a gateway's hello tells.
    package init(release: String?) {
        let parts = (release ?? "").split(separator: ".").prefix(2).compactMap { Int($0) }
        guard parts.count == 2, parts[0] >= 2026 else {
            age = nil
            return
        }
        age = parts[0] > 2026 || parts[1] >= 8 ? .sinceAugust : parts[1] <= 4 ? .untilApril : .between
    }

    private static let everywhere: Set = ["system.run", "system.which", "system.notify", "browser.proxy"]
    private static let sinceAugust: Set = [
        "system.run.prepare", "system.execApprovals.get", "system.execApprovals.set", "browser.proxy.upload.v1",
        "screen.snapshot", "computer.act", "fs.listDir", "terminal.upload", "mcp.tools.call.v1",
        "agent.cli.claude.run.v1",
    ]

    /// Those of `commands` that are let through only where the operator has listed them.
    package func lacking(_ commands: [String]) -> [String] {
        commands.filter { !Self.everywhere.contains($0) && !(age == .sinceAugust && Self.sinceAugust.contains($0)) }
    }

    /// What lets `commands` through, for the gateway's `openclaw.json`; it takes the place of a list that was there.
    package func lines(for commands: [String]) -> String {
        let list = "[" + commands.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        // Renamed between April and August 2026 (§7.1).
        let now = "{ gateway: { nodes: { commands: { allow: \(list) } } } }"
        let before = "{ gateway: { nodes: { allowCommands: \(list) } } }"
        return switch age {
        case .sinceAugust?: now
        case .untilApril?: before
        case .between?, nil: now + " (until April 2026: \(before))"
        }
    }
}
