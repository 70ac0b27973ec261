import NodeTesting
import Testing

@testable import NodeDoctor
@testable import NodeRuntime

@Suite struct AllowListCheckTests {
    static func status(_ release: String?, passed: [String] = []) -> NodeStatus {
        var status = Scene.now()
        status.gateway = .init(url: "ws://127.0.0.1:9", serverVersion: release, protocolVersion: 4)
        status.declared.asked = passed
        return status
    }

    @Test(
        "the operator's line is the one of the gateway's release",
        arguments: [
            ("2026.1.27", "{ gateway: { nodes: { allowCommands: [\"a\", \"b\"] } } }, then"),
            ("2026.4.13", "{ gateway: { nodes: { allowCommands: [\"a\", \"b\"] } } }, then"),
            ("2026.11.2", "{ gateway: { nodes: { commands: { allow: [\"a\", \"b\"] } } } }, then"),
            (nil, "(until April 2026: { gateway: { nodes: { allowCommands: [\"a\", \"b\"] } } })"),
        ] as [(String?, String)])
    func release(version: String?, line: String) {
        let finding = AllowListCheck.judge(["a", "b"], Self.status(version), .user)
        #expect(finding.verdict == .note)
        #expect(finding.remedy?.contains(line) == true, "\(finding)")
    }

    @Test("what the gateway has passed on is not doubted, but stays in the list") func passed() {
        let finding = AllowListCheck.judge(["a", "b"], Self.status("2026.11.2", passed: ["a"]), .user)
        #expect(finding.summary.hasSuffix("none of these: b"))
        #expect(finding.remedy?.contains("[\"a\", \"b\"]") == true)
        #expect(AllowListCheck.judge(["a"], Self.status("2026.11.2", passed: ["a"]), .user).verdict == .ok)
    }

    @Test("without a daemon it is about what one would offer") func offered() async throws {
        try await Scene.run { scene in
            let text =
                "{\"gateway\": \"ws://127.0.0.1:9\", \"capabilities\": {\"camera\": true}, "
                + "\"commands\": [\"device.info\", \"camera.snap\"]}"
            let finding = AllowListCheck().look(at: try scene.patient(text))["gateway.commands"]
            #expect(finding?.summary.hasSuffix("none of these: device.info camera.snap") == true)
        }
    }
}
