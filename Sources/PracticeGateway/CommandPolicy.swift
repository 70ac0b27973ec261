/// Which commands the gateway's configuration lets through, whatever a node declares (openclaw-gateway.md §7).
package struct CommandPolicy: Sendable {
    package var release: GatewayRelease
    /// `gateway.nodes.commands.allow` (until April `gateway.nodes.allowCommands`).
    package var allow: Set<String>
    /// Wins over everything.
    package var deny: Set<String>

    package init(release: GatewayRelease, allow: some Sequence<String> = [], deny: some Sequence<String> = []) {
        self.release = release
        self.allow = Set(allow)
        self.deny = Set(deny)
    }

    package func allowed(platform: String, deviceFamily: String?) -> Set<String> {
        defaults(platform: platform.trimmed.asciiLowercased, family: (deviceFamily ?? "").trimmed.asciiLowercased)
            .union(allow).subtracting(deny)
    }

    private func defaults(platform: String, family: String) -> Set<String> {
        // The newest release wants the exact pair; those before took any platform that begins so.
        let isLinux = release == .newest ? platform == "linux" && family == "linux" : platform.hasPrefix("linux")
        switch (release, isLinux) {
        case (.january, true):
            return [
                "system.run", "system.which", "system.notify", "system.execApprovals.get", "system.execApprovals.set",
                "browser.proxy",
            ]
        case (.april, true):
            return ["system.run", "system.run.prepare", "system.which", "system.notify", "browser.proxy"]
        case (.newest, true):
            return [
                "system.run", "system.run.prepare", "system.which", "system.notify", "system.execApprovals.get",
                "system.execApprovals.set", "browser.proxy", "browser.proxy.upload.v1", "screen.snapshot",
                "computer.act", "fs.listDir", "terminal.upload", "mcp.tools.call.v1", "agent.cli.claude.run.v1",
            ]
        case (.january, false):
            return [
                "camera.list", "camera.snap", "camera.clip", "screen.record", "location.get", "system.run",
                "system.which", "system.notify",
            ]
        case (.april, false), (.newest, false):
            return ["camera.list", "location.get", "system.notify"]
        }
    }

    /// What is left of a node's claims; a family all of whose commands fell loses its cap, too (newest release).
    package func filter(_ declared: Surface, platform: String, deviceFamily: String?) -> Surface {
        let allowed = allowed(platform: platform, deviceFamily: deviceFamily)
        var left = declared
        left.commands = declared.commands.filter(allowed.contains)
        if release == .newest {
            left.caps.removeAll { cap in
                let belongs: (String) -> Bool = { $0.hasPrefix(cap + ".") }
                return ["camera", "computer", "location", "screen"].contains(cap)
                    && declared.commands.contains(where: belongs) && !left.commands.contains(where: belongs)
            }
        }
        return left
    }

    /// Why the gateway does not even ask the node; nil when it does.
    package func refusal(
        of command: String, live: [String], platform: String, deviceFamily: String?
    ) -> WireRefusal? {
        let reason: String
        if command.isEmpty {
            reason = "command required"
        } else if !allowed(platform: platform, deviceFamily: deviceFamily).contains(command) {
            reason = "command not allowlisted"
        } else if live.isEmpty {
            reason = "node did not declare commands"
        } else if !live.contains(command) {
            reason = "command not declared by node"
        } else {
            return nil
        }
        return WireRefusal(
            "INVALID_REQUEST", "node command not allowed: \(reason)",
            details: ["reason": .string(reason), "command": .string(command)], closeCode: nil)
    }
}
