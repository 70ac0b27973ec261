import Testing

@testable import Gateway

@Suite struct AllowListTests {
    static let lines: [(release: String?, line: String)] = [
        ("2026.1.27", #"{ gateway: { nodes: { allowCommands: ["a"] } } }"#),
        ("2026.4.13", #"{ gateway: { nodes: { allowCommands: ["a"] } } }"#),
        ("2026.8.0", #"{ gateway: { nodes: { commands: { allow: ["a"] } } } }"#),
        ("2027.1", #"{ gateway: { nodes: { commands: { allow: ["a"] } } } }"#),
    ]

    @Test("the lines are those of the gateway's release", arguments: lines)
    func release(_ release: String?, _ line: String) {
        #expect(AllowList(release: release).lines(for: ["a"]) == line)
    }

    @Test("where the release is not known, both are told", arguments: [nil, "", "dev", "1.2", "2026.6.1"])
    func unknown(_ release: String?) {
        let lines = AllowList(release: release).lines(for: ["a", "b"])
        #expect(lines.contains(#"commands: { allow: ["a", "b"] }"#) && lines.contains(#"allowCommands: ["a", "b"]"#))
    }

    @Test("what a Linux node may do by itself is not asked for, as far as the release is known")
    func defaults() {
        let commands = ["system.run", "screen.snapshot", "camera.snap", "device.info"]
        #expect(AllowList(release: "2026.11.2").lacking(commands) == ["camera.snap", "device.info"])
        let older = ["screen.snapshot", "camera.snap", "device.info"]
        for release in ["2026.4.13", "2026.1.27", nil] {
            #expect(AllowList(release: release).lacking(commands) == older)
        }
    }
}
