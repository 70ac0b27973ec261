import NodeCore
import NodeTesting
import PracticeGateway
import Testing

@testable import Gateway

/// Losing a gateway on loopback, and finding it again.
@Suite(.timeLimit(.minutes(5))) struct SocketEndingTests {
    typealias Wire = SocketBench.Wire

    /// Large messages are sent in frames of 16, 32 and then 64 KiB: four of them and half of the fifth, with TLS's own bytes or
    /// without.
    private let inMidFrame = 213_000

    @Test("a gateway that restarts is called back when it said", arguments: Wire.allCases)
    func restart(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                await bench.gateway.goDown(.restart(expectedMs: 1_500))
                let wait = try await node.wait()
                #expect(wait.delay == .milliseconds(1_500))
                #expect(wait.condition.summary.contains("1012"))
                try await bench.gateway.comeBack()
                await node.pass(wait)
                try await node.connected()
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a gateway that is killed is called until it is there again", arguments: Wire.allCases)
    func killed(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                await bench.gateway.goDown(.none)
                #expect(try await node.waitOver().condition.id == "gateway-unreachable")
                for _ in 0..<2 {
                    #expect(try await node.waitOver().condition.summary.contains("Connection refused"))
                }
                let wait = try await node.wait()
                try await bench.gateway.comeBack()
                await node.pass(wait)
                try await node.connected()
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a gateway that falls silent is closed with 4000, and dialled again", arguments: Wire.allCases)
    func silent(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                bench.gateway.faults.sendsTicks = false
                try await node.connected()
                // Once this is answered, what the gateway says after its hello has been heard.
                #expect(await bench.gateway.invoke("device.info").isSuccess)
                await node.clock.sleepers(1)
                node.clock.advance(by: .seconds(60))
                #expect(try await seen.closed() == .byNode(code: 4000, reason: "tick timeout"))
                try await node.connected()
            }
        }
    }

    @Test("reset while it sends a large reply, it dials again and serves", arguments: Wire.allCases)
    func resetInReply(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.withRelay { relay async throws in
                try await bench.node(through: relay) { node async throws in
                    try await node.connected()
                    var calls = bench.household.calls.reader()
                    async let lost = bench.gateway.invoke("camera.snap")
                    let call = try await calls.next()
                    let cut = relay.cut(.toGateway, after: inMidFrame, whileSending: true)
                    let blob = try ResultFrameTests.blob([UInt8](repeating: 7, count: 16 << 20))
                    call.answer(Reply(outcome: .success("{}".bytes), blob: blob))
                    try await cut.wasMade()
                    #expect(await lost.outcome == .unanswered(code: "NOT_CONNECTED"))
                    try await node.connected()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                }
            }
        }
    }

    @Test("reset when it has read the half of a frame, it dials again and serves", arguments: Wire.allCases)
    func resetInRequest(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.withRelay { relay async throws in
                try await bench.node(through: relay) { node async throws in
                    try await node.connected()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                    let cut = relay.cut(.toNode, after: inMidFrame)
                    let params = #"{"x":""# + String(repeating: "x", count: 1 << 20) + "\"}"
                    let lost = await bench.gateway.invoke("device.info", params: params)
                    try await cut.wasMade()
                    #expect(lost.outcome == .unanswered(code: "NOT_CONNECTED"))
                    try await node.connected()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                }
            }
        }
    }

    @Test("reset at any byte of the handshake, it dials again and is let in", arguments: Wire.allCases)
    func resetInHandshake(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.withRelay { relay async throws in
                for direction in CuttingRelay.Direction.allCases {
                    for bytes in [0, 1, 100, 250, 600, 1200] {
                        relay.cut(direction, after: bytes)
                        try await bench.node(through: relay) { node async throws in try await node.connected() }
                    }
                }
            }
        }
    }

    @Test("connections that never become one are tried again", arguments: Wire.allCases)
    func strayArrivals(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            // Whoever hangs up on a plain connection is looked at once more, for TLS.
            let look: [FaultSwitches.Arrival] = wire == .plain ? [.reset] : []
            bench.gateway.faults.script(
                arrivals: [.reset] + look + [
                    .refuseUpgrade(status: 503, body: "Gateway websocket handlers unavailable"),
                    .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".bytes), .bytes([0, 1, 2, 255]),
                ] + look + [.bytes([])] + look)
            try await bench.node { node async throws in
                for number in 0..<5 {
                    let isScheme = wire == .tls && number == 2
                    let id = isScheme ? "gateway-scheme" : "gateway-unreachable"
                    #expect(try await node.waitOver().condition.id == id)
                }
                try await node.connected()
            }
        }
    }

    @Test("answers to connect that never come, or come as an end, are survived", arguments: Wire.allCases)
    func strayAnswers(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            bench.gateway.faults.script(answers: [
                .reset, .close(code: 1000, reason: ""), .refuse(.starting()), .silence,
            ])
            bench.gateway.faults.framesBeforeHello = ["garbage", #"{"type":"event","event":"health"}"#, ""]
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                #expect(try await node.waitOver().condition.id == "gateway-unreachable")
                #expect(try await node.waitOver().condition.id == "gateway-unreachable")
                #expect(try await node.waitOver().delay == .milliseconds(500))
                for _ in 0..<4 {
                    _ = try await seen.first { if case .connect = $0 { true } else { nil } }
                }
                await node.clock.sleepers(1)
                node.clock.advance(by: .seconds(15))
                #expect(try await node.waitOver().condition.summary.contains("handshake"))
                try await node.connected()
            }
        }
    }

    @Test("what a busy gateway tells at once with its hello is taken, whatever it allows us", arguments: Wire.allCases)
    func busyGateway(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            bench.gateway.faults.framesBeforeHello = [String(repeating: " ", count: 200_000)]
            try await bench.node { node async throws in try await node.connected() }
        }
    }

    @Test("more than 1 MiB before the hello is refused", arguments: Wire.allCases)
    func largeBeforeHello(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            bench.gateway.faults.framesBeforeHello = [String(repeating: " ", count: 1024 * 1024 + 1)]
            try await bench.node { node async throws in
                #expect(try await node.wait().condition.summary.contains("1009"))
            }
        }
    }
}
