import LinuxIO
import NodeCore
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// What the link does after a connection, or instead of one.
@Suite(.timeLimit(.minutes(5))) struct LinkEndingTests {
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
                try await connection.refuse(.error("INVALID_REQUEST", "no", details: ["code": .string(code)]))
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
        bench.network.fail(.tls(.pinMismatch(presented: Samples.certificate)))
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
                case 0: try await connection.refuse(.pairing("r"))
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
            #expect(GatewayLink.maxMessageBeforeHello == 1_048_576)
        }
    }
}
