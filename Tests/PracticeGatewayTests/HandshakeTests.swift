import NodeCrypto
import PracticeGateway
import Testing
import WebSocket

@Suite(.timeLimit(.minutes(5))) struct HandshakeTests {
    @Test("a stranger is refused, then approved, then let in with a token") func pairing() async throws {
        var options = PracticeOptions.open()
        options.approvesDevices = false
        try await TestNode.run(options) { gateway, node in
            let (line, refused) = try await node.connect()
            let error = try #require(refused["error"])
            #expect(error["code"] == "NOT_PAIRED")
            #expect(error["details"]?["code"] == "PAIRING_REQUIRED")
            let id = try #require(error["details"]?["requestId"]?.string)
            let close = try await line.close()
            #expect(close.code == .policyViolation)
            #expect(close.reason.hasSuffix("(requestId: \(id))"))

            try await gateway.approveDevice(id)
            let (_, hello) = try await node.connect()
            let token = try #require(hello["payload"]?["auth"]?["deviceToken"]?.string)
            #expect(token.utf8.count == 43)
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("a known device's token stands for the shared one") func deviceToken() async throws {
        var options = PracticeOptions.open()
        options.authentication = .token("secret")
        try await TestNode.run(options) { gateway, node in
            let (first, hello) = try await node.connect(auth: ["token": "secret"])
            let token = try #require(hello["payload"]?["auth"]?["deviceToken"])
            await first.connection.close(.normal, reason: "")
            let (_, again) = try await node.connect(auth: ["deviceToken": token])
            #expect(again["ok"] == true)
            let views = gateway.events.all.compactMap { event -> ProvenCredential? in
                if case .hello(_, let view) = event { view.credential } else { nil }
            }
            #expect(views == [.token, .deviceToken])
        }
    }

    @Test(
        "each wrong credential has its own code",
        arguments: [
            (Authentication.token("right"), nil, "AUTH_TOKEN_MISSING"),
            (.token("right"), ["token": "wrong"], "AUTH_TOKEN_MISMATCH"),
            (.token("right"), ["deviceToken": "wrong"], "AUTH_DEVICE_TOKEN_MISMATCH"),
            (.token("right"), ["bootstrapToken": "wrong"], "AUTH_BOOTSTRAP_TOKEN_INVALID"),
            (.password("right"), nil, "AUTH_PASSWORD_MISSING"),
            (.password("right"), ["password": "wrong"], "AUTH_PASSWORD_MISMATCH"),
        ] as [(Authentication, JSONValue?, String)])
    func credentials(authentication: Authentication, auth: JSONValue?, code: String) async throws {
        var options = PracticeOptions.open(.april)
        options.authentication = authentication
        try await TestNode.run(options) { _, node in
            let (line, response) = try await node.connect(auth: auth)
            #expect(response["error"]?["details"]?["code"]?.string == code)
            let close = try await line.close()
            #expect(close.code == .policyViolation && close.reason.hasPrefix("unauthorized: "))
        }
    }

    @Test(
        "a setup code pairs at once in April; in the newest release it waits for the operator",
        arguments: [
            GatewayRelease.april, .newest,
        ])
    func setupCode(release: GatewayRelease) async throws {
        var options = PracticeOptions(release: release)
        options.authentication = .token("secret")
        try await TestNode.run(options) { gateway, node in
            let auth: JSONValue = ["bootstrapToken": .string(await gateway.issueSetupToken())]
            let (_, response) = try await node.connect(auth: auth)
            #expect(response["ok"] == .bool(release == .april))
            guard release == .newest else { return }
            #expect(response["error"]?["details"]?["recommendedNextStep"] == "wait_then_retry")
            #expect(response["error"]?["details"]?["pauseReconnect"] == false)
            try await gateway.approveDevice(try #require(await gateway.pendingDevices.first?.id))
            let (_, again) = try await node.connect(auth: auth)
            #expect(again["ok"] == true)
        }
    }

    @Test("January takes version 2 only, and says little") func january() async throws {
        try await TestNode.run(.open(.january)) { gateway, node in
            let (_, refused) = try await node.connect()
            #expect(refused["error"]?["message"] == "device signature invalid")
            #expect(refused["error"]?["details"] == nil)
            let (_, hello) = try await node.connect(version: .v2)
            #expect(hello["payload"]?["policy"]?["maxPayload"] == 524_288)
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("a hello is what the published schema says", arguments: GatewayRelease.allCases)
    func hello(release: GatewayRelease) async throws {
        try await TestNode.run(.open(release)) { _, node in
            let (line, response) = try await node.connect(version: .v2)
            var hello = try #require(response["payload"])
            #expect(hello["protocol"]?.integer == release.protocolVersion)
            if release == .newest {
                // What came after the schema was published.
                hello = hello.with(nil, at: "pluginSurfaceUrls").with(nil, at: "features", "capabilities")
            }
            let schema = OpenClawSchema(.april)
            #expect(schema.firstFault(in: response, as: .response) == nil)
            #expect(schema.firstFault(in: hello, as: .hello) == nil)
            let health = try await line.frame { $0["event"] == "health" }
            #expect(schema.firstFault(in: health, as: .event) == nil)
            _ = try await line.event("voicewake.changed")
        }
    }

    @Test("no common protocol ends in 1002", arguments: [GatewayRelease.april, .newest])
    func protocolMismatch(release: GatewayRelease) async throws {
        try await TestNode.run(.open(release)) { _, node in
            let (line, response) = try await node.connect(bend: {
                $0.with(5, at: "minProtocol").with(5, at: "maxProtocol")
            })
            #expect(response["error"]?["details"]?["expectedProtocol"]?.integer == release.protocolVersion)
            #expect(try await line.close().code == .protocolError)
        }
    }

    @Test("a key that the schema does not know is refused and noted") func closedSchema() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let (line, response) = try await node.connect(bend: { $0.with(.null, at: "auth") })
            #expect(response["error"]?["message"] == "invalid connect params: at /auth: must be object")
            #expect(try await line.close().code == .policyViolation)
            #expect(gateway.violations.map(\.what) == ["connect params at /auth: must be object"])
        }
    }

    @Test("the first request must be connect") func notConnect() async throws {
        try await TestNode.run(.open()) { _, node in
            let line = try await node.dial()
            #expect(try await line.ask("health", [:])["ok"] == false)
            #expect(try await line.close().reason == "invalid handshake: first request must be connect")
        }
    }

    @Test("more than 64 KiB before the hello is too much") func preauthLimit() async throws {
        try await TestNode.run(.open()) { _, node in
            let line = try await node.dial()
            try await line.send(String(repeating: " ", count: 65_537))
            #expect(try await line.close() == CloseFrame(code: .messageTooBig, reason: "preauth payload too large"))
        }
    }

    @Test("who does not connect in time is closed without a word") func handshakeTimeout() async throws {
        var options = PracticeOptions.open()
        options.handshakeTimeout = .milliseconds(50)
        try await TestNode.run(options) { _, node in
            let close = try await node.dial().close()
            #expect(close == CloseFrame(code: .normal, reason: ""))
        }
    }

    @Test("an Origin header is noted") func origin() async throws {
        try await TestNode.run(.open()) { gateway, node in
            _ = try await node.dial([("Origin", "http://localhost")])
            #expect(gateway.violations.map(\.what) == ["sends the header Origin"])
        }
    }

    @Test("it serves TLS with a certificate of its own") func tls() async throws {
        var options = PracticeOptions.open()
        options.certificate = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
        try await TestNode.run(options) { gateway, node in
            #expect(gateway.url.hasPrefix("wss://"))
            let line = try await node.join()
            async let result = gateway.invoke("device.info")
            try await line.answer()
            #expect(await result.isSuccess)
        }
    }
}
