import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// What goes wrong while a gateway is served; each ends connected, with an invocation answered.
@Suite(.timeLimit(.minutes(5))) struct SocketFaultTests {
    typealias Wire = SocketBench.Wire

    /// Every code and reason of openclaw-gateway §1.4 that a gateway sends, others that RFC 6455 knows, and one that nobody does.
    static let farewells: [(UInt16, String)] = [
        (1000, ""), (1001, "going away"), (1002, "protocol mismatch"), (1003, ""), (1007, ""),
        (1008, "invalid connect params: /client"), (1008, "invalid handshake: first request must be connect"),
        (1008, "invalid request frame"), (1008, "invalid role"), (1008, "device identity required"),
        (1008, "device identity mismatch"), (1008, "device signature expired"), (1008, "device nonce required"),
        (1008, "device nonce mismatch"), (1008, "device signature invalid"), (1008, "device public key invalid"),
        (1008, "unauthorized: gateway token mismatch"), (1008, "pairing required"),
        (1008, "pairing required: not approved (requestId: 7d0e-41)"), (1008, "slow consumer"),
        (1008, "repeated unauthorized calls"), (1009, "preauth payload too large"), (1011, ""),
        (1012, "service restart"), (1013, "gateway starting"), (4000, "tick timeout"), (4001, "gateway auth changed"),
        (4999, "what nobody knows"),
    ]

    @Test("whatever a gateway closes with, it is dialled again and served", arguments: Wire.allCases)
    func farewells(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                for (code, reason) in Self.farewells {
                    try await node.connected()
                    let view = try await seen.hello()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                    await bench.gateway.close(view.id, code: code, reason: reason)
                }
                try await node.connected()
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a message of more than 26 MiB ends the connection with 1009", arguments: Wire.allCases)
    func oversize(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                try await node.connected()
                let view = try await seen.hello()
                let frame = #"{"type":"event","event":"x","payload":""#
                let fitting = frame + String(repeating: "x", count: 26 << 20 - frame.count - 2) + "\"}"
                try await bench.gateway.send(.text(fitting.bytes), to: view.id)
                #expect(await bench.gateway.invoke("device.info").isSuccess)
                try await bench.gateway.send(.text((fitting + " ").bytes), to: view.id)
                guard case .byNode(1009, _) = try await seen.closed() else {
                    Issue.record("it was taken")
                    return
                }
                try await node.connected()
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test(
        "a line that is dead without a word, a large reply stuck in it, is left after two ticks",
        arguments: Wire.allCases)
    func halfOpen(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.withRelay { relay async throws in
                try await bench.node(through: relay) { node async throws in
                    try await node.connected()
                    var calls = bench.household.calls.reader()
                    async let lost = bench.gateway.invoke("camera.snap", timeout: .seconds(600))
                    let call = try await calls.next()
                    relay.freeze()
                    // The gateway gives up first; the node cannot hear that.
                    await bench.gateway.reset(Samples.identity.deviceID)
                    #expect(await lost.outcome == .unanswered(code: "NOT_CONNECTED"))
                    let blob = try ResultFrameTests.blob([UInt8](repeating: 7, count: 16 << 20))
                    call.answer(Reply(outcome: .success("{}".bytes), blob: blob))
                    await node.clock.sleepers(1)
                    node.clock.advance(by: .seconds(61))
                    try await node.connected()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                }
            }
        }
    }

    @Test("an answer that comes with its deadline is one answer")
    func raced() async throws {
        try await SocketBench.run { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                for _ in 0..<100 {
                    async let raced = bench.gateway.invoke("camera.snap", timeout: .seconds(60))
                    let call = try await calls.next()
                    let clock = node.clock
                    // The watchdog's and the deadline's, which comes a quarter of a second before the asker's.
                    await clock.sleepers(2)
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { clock.advance(by: .milliseconds(59_750)) }
                        group.addTask { call.answer("{}") }
                    }
                    switch await raced.outcome {
                    case .succeeded: break
                    case .failed(let code, let message): #expect(code == "UNAVAILABLE" && message.contains("TIMEOUT"))
                    default: Issue.record("no answer")
                    }
                }
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a cancel that comes before its request, with it or after it leaves one answer", arguments: Wire.allCases)
    func earlyCancel(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                try await node.connected()
                let view = try await seen.hello()
                func cancel(_ id: String) async throws {
                    let frame =
                        #"{"type":"event","event":"node.invoke.cancel","payload":{"invokeId":"\#(id)","nodeId":"\#(view.id)"}}"#
                    try await bench.gateway.send(.text(frame.bytes), to: view.id)
                }
                for number in 0..<50 {
                    let id = "early-\(number)"
                    if number.isMultiple(of: 2) { try await cancel(id) }
                    async let asked = bench.gateway.invoke("camera.snap", id: id)
                    try await cancel(id)
                    guard case .failed("UNAVAILABLE", let message) = await asked.outcome else {
                        Issue.record("not cancelled")
                        return
                    }
                    #expect(message.contains("CANCELLED"))
                }
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }
}
