import NodeCore
import NodeTesting
import Testing

@testable import Gateway
@testable import NodeDoctor
@testable import NodeRuntime

@Suite struct ApprovalCheckTests {
    static func status(_ state: NodeStatus.State, _ ids: String..., dialect: String? = nil) -> NodeStatus {
        var status = Scene.now(state)
        status.gateway = NodeStatus.GatewayStatus(url: "ws://127.0.0.1:9", dialect: dialect)
        status.conditions = ids.map {
            Condition(id: $0, severity: .warning, summary: "words of \($0)", remedy: "line of \($0)")
        }
        return status
    }

    @Test(
        "the daemon's words stand where they belong, and what it cannot know yet is not claimed",
        arguments: [
            (status(.connected), [Finding.Verdict.ok, .ok, .ok]),
            (status(.connected, "surface-approval"), [.ok, .ok, .warning]),
            (status(.approval, "device-approval"), [.ok, .warning, .skipped]),
            (status(.approval, "device-approval", dialect: "openclaw"), [.ok, .warning, .skipped]),
            (status(.approval, "device-approval", dialect: "goclaw"), [.skipped, .warning, .skipped]),
            (status(.waiting, "credentials"), [.warning, .skipped, .skipped]),
            (status(.waiting, "pairing-rejected"), [.skipped, .warning, .skipped]),
            (status(.waiting, "gateway-unreachable"), [.skipped, .skipped, .skipped]),
            (status(.notJoined), [.skipped, .skipped, .skipped]),
        ])
    func judged(status: NodeStatus, verdicts: [Finding.Verdict]) {
        let findings = ApprovalCheck.judge(status)
        #expect(findings.map(\.check) == ApprovalCheck.topics)
        #expect(findings.map(\.verdict) == verdicts)
        for finding in findings where finding.verdict == .warning {
            #expect(finding.summary.hasPrefix("words of ") && finding.remedy?.hasPrefix("line of ") == true)
        }
    }

    @Test("without a daemon nothing is known, but whether the device was let in before") func before() async throws {
        try await Scene.run { scene in
            let text = "{\"gateway\": \"ws://127.0.0.1:9\"}"
            #expect(try ApprovalCheck().look(at: scene.patient(text)).allSatisfy { $0.verdict == .skipped })
            let identity = try DeviceIdentity.loadOrCreate(in: scene.state)
            let tokens = try TokenStore(directory: scene.state)
            var memory = TokenStore.Memory(deviceId: identity.deviceID)
            memory.tokens["node"] = .init(token: "secret", role: "node", scopes: [])
            tokens.remember(memory, of: try GatewayEndpoint("ws://127.0.0.1:9"))
            try tokens.save()
            let findings = ApprovalCheck().look(at: try scene.patient(text))
            #expect(findings.allSatisfy { $0.summary.hasSuffix("let this device in before") })
        }
    }
}
