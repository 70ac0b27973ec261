import LinuxIO
import PracticeGateway
import Testing
import WebSocket

@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    @Test("the next connections go wrong as the script has it") func arrivals() async throws {
        try await TestNode.run(.open()) { gateway, node in
            // The second reset is for the look whether it is TLS that we were hung up on for.
            gateway.faults.script(arrivals: [
                .refuseUpgrade(status: 503, body: "starting"), .reset, .reset, .bytes(Array("SSH-2.0\r\n\r\n".utf8)),
                .ordinary,
            ])
            await #expect(throws: WebSocketError.upgradeRefused(status: 503, body: "starting")) {
                try await node.dial()
            }
            await #expect(throws: WebSocketError.self) { try await node.dial() }
            await #expect(throws: WebSocketError.self) { try await node.dial() }
            _ = try await node.join()
        }
    }

    @Test("the next connects are answered as the script has it") func answers() async throws {
        try await TestNode.run(.open()) { gateway, node in
            gateway.faults.script(answers: [
                .refuse(.starting(retryAfterMs: 300)), .close(code: 1008, reason: "slow consumer"), .reset,
            ])
            let (line, response) = try await node.connect()
            #expect(response["error"]?["retryAfterMs"] == 300)
            #expect(try await line.close() == CloseFrame(code: .tryAgainLater, reason: "gateway starting"))
            await #expect(throws: NodeLine.Closed.self) { try await node.connect() }
            await #expect(throws: WebSocketError.self) { try await node.connect() }
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("a gateway that restarts says so and comes back on its port") func restart() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            async let down: Void = gateway.goDown(.restart(expectedMs: 100))
            #expect(try await line.event("shutdown")["restartExpectedMs"] == 100)
            #expect(try await line.close() == CloseFrame(code: .serviceRestart, reason: "service restart"))
            await down
            await #expect(throws: WebSocketError.self) { try await node.dial() }
            try await gateway.comeBack()
            _ = try await node.join()
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("a gateway that is killed says nothing") func killed() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            await gateway.goDown(.none)
            await #expect(throws: WebSocketError.self) { try await line.close() }
        }
    }

    @Test("ticks come as often as announced, numbered") func ticks() async throws {
        var options = PracticeOptions.open()
        options.tickInterval = .milliseconds(20)
        try await TestNode.run(options) { gateway, node in
            let line = try await node.join()
            let first = try await line.frame { $0["event"] == "tick" }
            let second = try await line.frame { $0["event"] == "tick" }
            #expect(first["seq"]?.integer == 2)
            #expect(second["seq"]?.integer == 3)
            #expect(OpenClawSchema(.april).firstFault(in: first["payload"] ?? .null, as: .tick) == nil)
        }
    }

    @Test("a deaf gateway hears nothing until it does again") func deaf() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            gateway.faults.isDeaf = true
            // A message that is awaited already is the last it hears.
            try await line.send("skills.bins", [:])
            let unheard = await gateway.invoke("device.info", timeout: .milliseconds(50), id: "unheard")
            #expect(unheard.outcome == .unanswered(code: "TIMEOUT"))
            try await line.answer()
            var events = gateway.events.reader()
            gateway.faults.isDeaf = false
            let late = try await events.first { event -> Bool? in
                if case .result(_, "unheard", let isDelivered) = event { isDelivered } else { nil }
            }
            #expect(late == false)
        }
    }

    @Test("the same invocation can be sent twice, and any text can be sent at all") func raw() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            async let result = gateway.invoke("device.info", id: "twice", copies: 2)
            try await line.answer()
            #expect(try await line.event("node.invoke.request")["id"] == "twice")
            #expect(await result.isSuccess)
            try await gateway.send(.text(Array("{\"type\":\"rumour\"}".utf8)), to: node.id)
            #expect(try await line.frame { $0["type"] == "rumour" } == ["type": "rumour"])
        }
    }

    @Test(
        "the last connection of a node wins, and the two at once are noted",
        arguments: [
            GatewayRelease.april, .newest,
        ])
    func superseded(release: GatewayRelease) async throws {
        try await TestNode.run(.open(release)) { gateway, node in
            let first = try await node.join()
            let (second, _) = try await node.connect()
            async let result = gateway.invoke("device.info")
            try await second.answer()
            #expect(await result.isSuccess)
            #expect(gateway.violations.count == 1)
            await first.connection.close(.normal, reason: "")
            var events = gateway.events.reader()
            _ = try await events.first { if case .closed(1, _, _) = $0 { true } else { nil } }
            // In April the end of the old connection took the node off the list.
            #expect(await (gateway.node(node.id) == nil) == (release == .april))
        }
    }

    @Test("a node that reads answers a ping, and nobody else does") func ping() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            #expect(await gateway.ping(node.id, within: .milliseconds(50)) == nil)
            async let end = line.close()
            #expect(await gateway.ping(node.id, within: .seconds(30)) != nil)
            #expect(await gateway.ping("nobody", within: .seconds(30)) == nil)
            await gateway.close(node.id, code: 1000, reason: "")
            #expect(try await end.code == .normal)
        }
    }

    @Test("a removed device is closed with 4001 and a stranger again") func removed() async throws {
        var options = PracticeOptions.open()
        options.approvesDevices = false
        try await TestNode.run(options) { gateway, node in
            _ = try await node.connect()
            try await gateway.approveDevice(try #require(await gateway.pendingDevices.first?.id))
            let line = try await node.join()
            async let removed: Void = gateway.removeDevice(node.id)
            #expect(try await line.close() == CloseFrame(code: CloseCode(rawValue: 4001), reason: "device removed"))
            try await removed
            #expect(try await node.connect().response["error"]?["details"]?["reason"] == "not-paired")
        }
    }

    @Test("a changed secret closes those who came in with the old one") func secret() async throws {
        var options = PracticeOptions.open()
        options.authentication = .token("old")
        try await TestNode.run(options) { gateway, node in
            let (line, _) = try await node.connect(auth: ["token": "old"])
            async let changed: Void = gateway.rotateSharedSecret(.token("new"))
            #expect(try await line.close().reason == "gateway auth changed")
            await changed
        }
    }
}
