import LinuxIO
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@Suite struct SetupDeskTests {
    static func get(_ link: String, of gateway: PracticeGateway, on loop: EventLoop) async throws -> HTTPAnswer {
        let path = "/" + link.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)[2]
        return try await HTTPExchange.perform(
            .get(path), at: WebSocketTarget(host: "127.0.0.1", port: gateway.port), on: loop, timeout: .seconds(60))
    }

    @Test("a join link is good for one fetch; what is no code, used up or too old is not found") func once()
        async throws
    {
        var options = PracticeOptions(release: .newest)
        options.authentication = .token("secret")
        try await TestNode.run(options) { gateway, node async throws in
            let link = await gateway.issueJoinLink(context: "/proxy/j/app")
            let answer = try await Self.get(link, of: gateway, on: node.loop)
            #expect(answer.status == 200 && answer.value(of: "Cache-Control") == "no-store")
            let payload = try JSONReader.read(answer.body)
            #expect(payload["url"]?.string == gateway.url && payload["expiresAtMs"]?.integer != nil)
            // What it brings lets a node in.
            let auth: JSONValue = ["bootstrapToken": payload["bootstrapToken"] ?? .null]
            let (_, response) = try await node.connect(auth: auth)
            #expect(response["error"]?["details"]?["code"] == "PAIRING_REQUIRED")

            #expect(try await Self.get(link, of: gateway, on: node.loop).status == 404)
            #expect(try await Self.get("http://h/j/short", of: gateway, on: node.loop).status == 404)
            let old = await gateway.issueJoinLink()
            await gateway.expireSetupCodes()
            #expect(try await Self.get(old, of: gateway, on: node.loop).status == 404)
        }
    }

    @Test("before summer there were no join links") func april() async throws {
        try await TestNode.run(PracticeOptions(release: .april)) { gateway, node async throws in
            let link = await gateway.issueJoinLink()
            let answer = try await Self.get(link, of: gateway, on: node.loop)
            #expect(answer.status == 426)
        }
    }

    @Test("a setup code that is used again after its hello is a breach, and so is one beside another credential")
    func breaches() async throws {
        var options = PracticeOptions(release: .april)
        options.authentication = .token("secret")
        try await TestNode.run(options) { gateway, node async throws in
            let token = await gateway.issueSetupToken()
            let (_, welcome) = try await node.connect(auth: ["bootstrapToken": .string(token)])
            #expect(welcome["ok"] == true)
            let further = welcome["payload"]?["auth"]?["deviceTokens"]?.array?.first
            #expect(further?["role"] == "operator")
            #expect(gateway.violations.isEmpty)
            let (_, again) = try await node.connect(auth: ["bootstrapToken": .string(token)])
            #expect(again["error"]?["details"]?["code"] == "AUTH_BOOTSTRAP_TOKEN_INVALID")
            _ = try await node.connect(auth: ["bootstrapToken": .string(token), "token": "secret"])
            #expect(gateway.violations.map(\.what).contains("uses a setup code again"))
            #expect(gateway.violations.map(\.what).contains("a setup code does not go alone"))
        }
    }
}
