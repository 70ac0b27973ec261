import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct GatewayLinkTests {
    static func error(_ code: String, _ message: String, details: JSONValue? = nil) -> JSONValue {
        .members(["code": .string(code), "message": .string(message), "details": details])
    }

    static func pairing(_ id: String) -> JSONValue {
        error(
            "NOT_PAIRED", "pairing required",
            details: ["code": "PAIRING_REQUIRED", "requestId": .string(id), "reason": "not-paired"])
    }

    // MARK: Pairing and tokens

    @Test("waits for its approval, asking again and again, and keeps the token that comes with it")
    func firstPairing() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            for id in ["r-1", "r-1", "r-2"] {
                var connection = try await gateway.next()
                let params = try await connection.refuse(Self.pairing(id), close: (1008, "pairing required"))
                #expect(params.credential == ["token": "secret"])
                let wait = try await gateway.waitOver()
                #expect(wait.isApproval)
                #expect(wait.condition.remedy == "openclaw devices approve \(id)")
                #expect(wait.delay <= .seconds(25))
            }
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            #expect(try await gateway.connected().deviceToken == "own-1")
            connection.transport.close(4001, "device removed")
            try await gateway.waitOver()

            var again = try await gateway.next()
            #expect(try await again.welcome().credential == ["deviceToken": "own-1"])
            _ = try await gateway.connected()
        }
        #expect(try bench.memory().tokens["node"]?.token == "own-1")
    }

    @Test("says the very same of itself in every connect")
    func sameClaims() async throws {
        try await LinkBench().run { gateway async throws in
            var claims: [JSONValue] = []
            for _ in 0..<3 {
                var connection = try await gateway.next()
                let params = try await connection.refuse(Self.pairing("r"))
                claims.append(
                    .members(["client": params["client"], "caps": params["caps"], "commands": params["commands"]]))
                try await gateway.waitOver()
            }
            #expect(claims[0] == claims[1] && claims[1] == claims[2])
        }
    }

    @Test("after a restart it connects with the token it was given; a new one takes its place")
    func restart() async throws {
        let folder = try StateFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        let second = try LinkBench(in: folder)
        try await second.run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.welcome(token: "own-2").credential == ["deviceToken": "own-1"])
            _ = try await gateway.connected()
        }
        #expect(try second.memory().tokens["node"]?.token == "own-2")
    }

    @Test("a device token that is refused is forgotten, and the shared one tried at once")
    func tokenRefused() async throws {
        let folder = try StateFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        let bench = try LinkBench(in: folder)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            let mismatch = Self.error(
                "INVALID_REQUEST", "unauthorized", details: ["code": "AUTH_DEVICE_TOKEN_MISMATCH"])
            #expect(try await connection.refuse(mismatch).credential == ["deviceToken": "own-1"])
            #expect(try await gateway.wait().delay == .zero)
            var next = try await gateway.next()
            #expect(try await next.refuse(mismatch).credential == ["token": "secret"])
            // Nothing else is left to try.
            let wait = try await gateway.wait()
            #expect(wait.condition.id == "credentials")
            #expect((Duration.seconds(300)...Duration.seconds(375)).contains(wait.delay))
        }
        #expect(try bench.memory().tokens.isEmpty)
    }

    @Test("without a shared secret a refused token leaves the way of a stranger")
    func tokenRefusedAlone() async throws {
        let folder = try StateFolder()
        try await LinkBench(in: folder, secret: SharedSecret()).run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.welcome(token: "own-1").credential.isEmpty)
            _ = try await gateway.connected()
        }
        try await LinkBench(in: folder, secret: SharedSecret()).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.refuse(Self.error("INVALID_REQUEST", "unauthorized: device token mismatch"))
            var next = try await gateway.next()
            #expect(try await next.refuse(Self.pairing("r")).credential.isEmpty)
            #expect(try await gateway.waitOver().delay == .zero)
            #expect(try await gateway.wait().isApproval)
        }
    }

    @Test("a password is sent when there is no token, and never with one")
    func password() async throws {
        for (secret, credential) in [
            (SharedSecret(password: "p"), ["password": "p"]), (SharedSecret(token: "t", password: "p"), ["token": "t"]),
        ] {
            try await LinkBench(secret: secret).run { gateway async throws in
                var connection = try await gateway.next()
                #expect(try await connection.welcome().credential == credential)
            }
        }
    }

    // MARK: Older gateways

    @Test("a gateway that knows only the older signature gets it at once, and from then on")
    func olderSignature() async throws {
        let folder = try StateFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            let refused = try await connection.refuse(Self.error("INVALID_REQUEST", "device signature invalid"))
            #expect(try refused.proof() == .v3)
            #expect(try await gateway.wait().delay == .zero)
            var next = try await gateway.next()
            #expect(try await next.welcome().proof() == .v2)
            _ = try await gateway.connected()
        }
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.welcome().proof() == .v2)
            _ = try await gateway.connected()
        }
    }

    @Test("a gateway that refuses both signatures is asked rarely")
    func bothSignatures() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            for _ in 0..<2 {
                var connection = try await gateway.next()
                try await connection.refuse(Self.error("INVALID_REQUEST", "device signature invalid"))
            }
            #expect(try await gateway.wait().delay == .zero)
            let wait = try await gateway.wait()
            #expect(wait.condition.id == "identity")
            #expect(wait.delay >= .seconds(300))
        }
        // It was never let in with it.
        #expect(try bench.memory().signature == nil)
    }

    @Test("January's gateways get the device token in the slot that they know, now and after a restart")
    func januarySlot() async throws {
        let folder = try StateFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        for expectsRefusal in [true, false] {
            try await LinkBench(in: folder).run { gateway async throws in
                var connection = try await gateway.next()
                if expectsRefusal {
                    let params = try await connection.refuse(
                        Self.error(
                            "INVALID_REQUEST", "invalid connect params: at /auth: unexpected property 'deviceToken'"))
                    #expect(params.credential == ["deviceToken": "own-1"])
                    connection = try await gateway.next()
                }
                #expect(try await connection.welcome().credential == ["token": "own-1"])
                _ = try await gateway.connected()
            }
        }
    }

    // MARK: Refusals and ends

    @Test(
        "nothing that a gateway says ends it: at worst it is asked every five minutes",
        arguments: [
            ("AUTH_TOKEN_MISSING", "credentials"), ("AUTH_PASSWORD_MISMATCH", "credentials"),
            ("AUTH_RATE_LIMITED", "rate-limit"), ("PROTOCOL_MISMATCH", "protocol"),
            ("DEVICE_AUTH_PUBLIC_KEY_INVALID", "identity"), ("PAIRING_REJECTED", "pairing-rejected"),
            ("CONTROL_UI_ORIGIN_NOT_ALLOWED", "rejected-frame"),
        ])
    func terminal(_ code: String, _ condition: String) async throws {
        try await LinkBench().run { gateway async throws in
            for _ in 0..<2 {
                var connection = try await gateway.next()
                try await connection.refuse(Self.error("INVALID_REQUEST", "no", details: ["code": .string(code)]))
                let wait = try await gateway.waitOver()
                #expect(wait.condition.id == condition)
                #expect((Duration.seconds(300)...Duration.seconds(375)).contains(wait.delay))
            }
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
        }
    }

    @Test("a gateway that starts is asked when it said, without backing off")
    func starting() async throws {
        try await LinkBench().run { gateway async throws in
            for _ in 0..<4 {
                var connection = try await gateway.next()
                try await connection.refuse(
                    [
                        "code": "UNAVAILABLE", "message": "gateway starting", "retryable": true, "retryAfterMs": 700,
                        "details": ["reason": "startup-sidecars"],
                    ], close: (1013, "gateway starting"))
                #expect(try await gateway.waitOver().delay == .milliseconds(700))
            }
        }
    }

    @Test(
        "a close frame in the place of an answer says the same as the answer would",
        arguments: [
            (1008, "pairing required: device is not approved yet (requestId: r-1)", "device-approval"),
            (1008, "unauthorized: gateway token mismatch", "credentials"), (1002, "protocol mismatch", "protocol"),
            (1008, "device identity required", "identity"), (1009, "preauth payload too large", "rejected-frame"),
            (1000, "", "gateway-unreachable"), (1013, "gateway starting", "gateway-unreachable"),
        ])
    func closedInstead(_ code: UInt16, _ reason: String, _ condition: String) async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            _ = try await connection.connect()
            connection.transport.close(code, reason)
            #expect(try await gateway.wait().condition.id == condition)
        }
    }

    @Test("network faults back off from one second to thirty, with up to a quarter more")
    func backoff() async throws {
        let bench = try LinkBench()
        bench.network.fail(
            .unreachable(Errno(111), nil), .resolution("no address"), .timedOut("connecting"), .lost(nil),
            .upgradeRefused(status: 503, body: "Gateway websocket handlers unavailable"), .badUpgrade("no HTTP"),
            .tls(.closed))
        try await bench.run { gateway async throws in
            for seconds in [1, 2, 4, 8, 16, 30, 30] {
                let wait = try await gateway.waitOver()
                #expect(wait.delay >= .seconds(seconds))
                #expect(wait.delay <= .seconds(Double(seconds) * 1.25))
                #expect(wait.condition.severity != .note)
            }
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
        }
    }

    @Test("a certificate that is not the gateway's is told as such, and the gateway asked rarely")
    func certificate() async throws {
        let bench = try LinkBench()
        bench.network.fail(.tls(.pinMismatch(presented: "ab")))
        try await bench.run { gateway async throws in
            let wait = try await gateway.wait()
            #expect(wait.condition.id == "certificate")
            #expect(wait.delay >= .seconds(300))
        }
    }

    @Test("a gateway that says nothing is given up after fifteen seconds, with 1008")
    func handshakeTime() async throws {
        try await LinkBench().run { gateway async throws in
            // Without a challenge, and without an answer.
            for hasChallenge in [false, true] {
                var connection = try await gateway.next()
                if hasChallenge { _ = try await connection.connect() }
                await gateway.bench.clock.sleepers(1)
                gateway.bench.clock.advance(by: .seconds(15))
                let closed = try await connection.closed()
                #expect(closed.code == .policyViolation)
                #expect(closed.reason == "connect failed")
                #expect(try await gateway.waitOver().condition.id == "gateway-unreachable")
            }
        }
    }

    @Test("a challenge without a nonce is the end of that connection")
    func noNonce() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            connection.transport.deliver(text: #"{"type":"event","event":"connect.challenge","payload":{"ts":1}}"#)
            #expect(try await connection.closed().code == .policyViolation)
            #expect(try await gateway.wait().condition.summary.contains("nonce"))
        }
    }

    @Test("a restart that was announced is waited for as announced, and the node comes back")
    func announcedRestart() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            connection.transport.deliver(
                text: #"{"type":"event","event":"shutdown","payload":{"reason":"restart","restartExpectedMs":2500}}"#)
            connection.transport.close(1012, "service restart")
            #expect(try await gateway.waitOver().delay == .milliseconds(2_500))
            var next = try await gateway.next()
            try await next.welcome()
            next.transport.deliver(Samples.invoke("1"))
            #expect(try await next.result()["ok"] == true)
        }
    }

    @Test("a silent gateway is closed with 4000 and dialled again")
    func silent() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(tickMs: 15_000)
            _ = try await gateway.connected()
            await gateway.bench.clock.sleepers(1)
            gateway.bench.clock.advance(by: .seconds(30))
            #expect(try await connection.closed().code == .tickTimeout)
            try await gateway.waitOver()
            _ = try await gateway.next()
        }
    }

    @Test("the old connection is closed before the new one is dialled")
    func oneAtATime() async throws {
        try await LinkBench().run { gateway async throws in
            for how in 0..<3 {
                var connection = try await gateway.next()
                switch how {
                case 0: try await connection.refuse(Self.pairing("r"))
                case 1: connection.transport.fail()
                default:
                    try await connection.welcome()
                    connection.transport.fail()
                }
                _ = try await connection.closed()
                #expect(gateway.bench.network.connections.all.count == how + 1)
                try await gateway.waitOver()
            }
        }
    }

    @Test("what a dead connection asked for is never answered on the next")
    func lateReply() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            var calls = bench.household.calls.reader()
            var connection = try await gateway.next()
            try await connection.welcome()
            // Without a budget, so that nobody but the link sleeps.
            connection.transport.deliver(Samples.invoke("1", "hang", timeoutMs: 0))
            let call = try await calls.next()
            connection.transport.fail()
            // Dialled again without waiting for it.
            try await gateway.waitOver()
            var next = try await gateway.next()
            try await next.welcome()
            call.answer("{}")
            next.transport.deliver(Samples.invoke("2"))
            #expect(try await next.result()["id"] == "2")
        }
        let records = bench.events.all.compactMap { if case .invoked(let record) = $0 { record } else { nil } }
        #expect(records.first?.id == "1")
        #expect(records.first?.bytes == nil)
    }

    @Test("more is taken from a gateway once it has let us in")
    func limits() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            _ = try await connection.connect()
            #expect(
                !connection.transport.deeds.all.contains { if case .limited = $0 { true } else { false } })
            var reader = connection.transport.deeds.reader()
            let id = try await reader.first { if case .sent(let frame) = $0 { frame["id"]?.string } else { nil } }
            connection.transport.deliver(Samples.hello(to: id))
            let limit = try await reader.first { if case .limited(let bytes) = $0 { bytes } else { nil } }
            #expect(limit >= 26_214_400)
            #expect(GatewayLink.maxMessageBeforeHello == 65_536)
        }
    }

    // MARK: The second approval

    @Test("says that commands may need approval until one was asked for, and never again for the same claims")
    func surface() async throws {
        let folder = try StateFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            let condition = try await gateway.event { if case .raised(let condition) = $0 { condition } else { nil } }
            #expect(condition.id == "surface-approval")
            #expect(condition.remedy?.contains("openclaw nodes pending") == true)
            connection.transport.deliver(Samples.invoke("1"))
            let cleared = try await gateway.event { if case .cleared(let id) = $0 { id } else { nil } }
            #expect(cleared == "surface-approval")
        }
        let second = try LinkBench(in: folder)
        try await second.run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            connection.transport.deliver(Samples.invoke("1"))
            _ = try await connection.result()
        }
        #expect(!second.events.all.contains { if case .raised = $0 { true } else { false } })

        var wider = Samples.profile
        wider.commands.append("screen.snapshot")
        try await LinkBench(in: folder, profile: wider).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.event { if case .raised(let condition) = $0 { condition } else { nil } }
        }
    }

    @Test("a full disk costs neither the connection nor the token")
    func diskFull() async throws {
        let folder = try StateFolder()
        let bench = try LinkBench(in: folder)
        // The draft's name is taken by something that cannot be written.
        try StateFile.makeDirectory(folder.file("tokens.json.new"))
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            let raised = try await gateway.event {
                if case .raised(let condition) = $0, condition.id == "state-unwritable" { condition } else { nil }
            }
            #expect(raised.severity == .error)
            connection.transport.deliver(Samples.invoke("1"))
            #expect(try await connection.result()["ok"] == true)
            connection.transport.close(1000, "")
            // Asleep are the wait for the next dial and the one for the next save; the latter is the longer.
            let wait = try await gateway.wait()
            await bench.clock.sleepers(2)
            bench.clock.advance(by: wait.delay)
            var next = try await gateway.next()
            #expect(try await next.welcome().credential == ["deviceToken": "own-1"])
            _ = try await gateway.connected()

            folder.remove("tokens.json.new")
            await bench.clock.sleepers(2)
            bench.clock.advance(by: .seconds(30))
            let cleared = try await gateway.event {
                if case .cleared(let id) = $0, id == "state-unwritable" { id } else { nil }
            }
            #expect(cleared == "state-unwritable")
            #expect(try bench.memory().tokens["node"]?.token == "own-1")
        }
    }

    // MARK: Stopping

    @Test("stopping drains: what runs is answered, what is new refused, then 1001")
    func drains() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            var calls = bench.household.calls.reader()
            var connection = try await gateway.next()
            try await connection.welcome()
            connection.transport.deliver(Samples.invoke("1", "camera.snap"))
            let call = try await calls.next()
            bench.link.stop()
            connection.transport.deliver(Samples.invoke("2"))
            #expect(try await connection.result()["error"]?["code"] == "UNAVAILABLE")
            call.answer("{}")
            #expect(try await connection.result()["id"] == "1")
            #expect(try await connection.closed().code == .goingAway)
            _ = try await gateway.event { if case .stopped = $0 { true } else { nil } }
        }
        #expect(bench.network.connections.all.count == 1)
    }

    @Test("stopping while it waits, for the network or an approval, ends it at once")
    func stopsWaiting() async throws {
        let bench = try LinkBench()
        bench.network.fail(.lost(nil))
        try await bench.run { gateway async throws in
            _ = try await gateway.wait()
            await bench.clock.sleepers(1)
        }
        guard case .stopped = bench.events.all.last else {
            Issue.record("\(bench.events.all)")
            return
        }
        #expect(bench.network.connections.all.isEmpty)
    }

    @Test("stopping in the middle of a handshake closes with 1001")
    func stopsGreeting() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            _ = try await connection.connect()
            bench.link.stop()
            #expect(try await connection.closed().code == .goingAway)
        }
        #expect(!bench.events.all.contains { if case .waiting = $0 { true } else { false } })
    }

    @Test("stopping while it dials does not wait for the network")
    func stopsDialling() async throws {
        let dialling = EventFeed<Void>()
        let never = OneShot()
        let bench = try LinkBench(dial: { () throws(WebSocketError) in
            dialling.emit(())
            do { try await never.fired() } catch { throw .cancelled }
            throw .lost(nil)
        })
        try await bench.run { _ async throws in
            var reader = dialling.reader()
            _ = try await reader.next()
        }
        #expect(dialling.all.count == 1)
    }

    @Test("a connection that comes about just as it is stopped is closed")
    func stopsAfterDialling() async throws {
        let transport = FakeTransport()
        let dialling = EventFeed<Void>()
        let go = OneShot()
        let bench = try LinkBench(dial: { () throws(WebSocketError) in
            dialling.emit(())
            // As one that does not look for cancellation.
            await Task.detached { try? await go.fired() }.value
            return transport
        })
        try await bench.run { _ async throws in
            var reader = dialling.reader()
            _ = try await reader.next()
            bench.link.stop()
            go.fire()
            var listener = Listener(transport)
            #expect(try await listener.closed().code == .goingAway)
        }
    }

    @Test("cancelled, it closes its connection and says so")
    func cancelled() async throws {
        let bench = try LinkBench()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await bench.link.run() }
            }
            do {
                var gateway = LinkBench.Gateway(bench)
                var connection = try await gateway.next()
                try await connection.welcome()
                _ = try await gateway.connected()
                group.cancelAll()
                #expect(try await connection.closed().code == .goingAway)
            } catch { Issue.record(error) }
        }
    }
}
