import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// The link, the WebSocket and TLS against a gateway on loopback.
@Suite(.timeLimit(.minutes(2))) struct RealGatewayTests {
    typealias Wire = SocketBench.Wire

    // MARK: Pairing

    @Test("first pairing: the device is approved, then its commands, then they run", arguments: Wire.allCases)
    func bothApprovals(_ wire: Wire) async throws {
        try await SocketBench.run(wire, SocketBench.options(asksForApproval: true)) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let request = try await seen.first { if case .pairingRequested(let it) = $0 { it } else { nil } }
                #expect(request.deviceID == Samples.deviceID)
                let wait = try await node.waitOver()
                #expect(wait.isApproval)
                #expect(wait.condition.remedy == "openclaw devices approve \(request.id)")
                // Asked again, the request stays the same.
                let again = try await node.wait()
                #expect(again.condition.remedy == wait.condition.remedy)

                try await bench.gateway.approveDevice(request.id)
                await node.pass(again)
                #expect(try await node.connected().deviceToken != nil)
                let early = await bench.gateway.invoke("device.info")
                #expect(!early.isSuccess)

                let surface = try await seen.first { if case .surfaceRequested(let it) = $0 { it } else { nil } }
                #expect(surface.surface.commands == Samples.profile.commands)
                #expect(await bench.gateway.approveSurface(surface.id))
                let reply = await bench.gateway.invoke("device.info")
                #expect(reply.isSuccess)
                #expect(String(decoding: reply.payloadText, as: UTF8.self) == #"{"name":"pi"}"#)
            }
        }
    }

    @Test(
        "every release lets it in, and after a restart with the token that it gave",
        arguments: GatewayRelease.allCases, Wire.allCases)
    func releases(_ release: GatewayRelease, _ wire: Wire) async throws {
        try await SocketBench.run(wire, SocketBench.options(release)) { bench async throws in
            // January's gateways refuse the newer signature at first, and then the newer place of the token.
            for credential in [ProvenCredential.token, .deviceToken, .deviceToken] {
                let now = bench.gateway.events.readerFromNow()
                try await bench.node { node async throws in
                    var seen = now
                    try await node.connected()
                    let view = try await seen.hello()
                    #expect(view.credential == credential)
                    #expect(view.proof == (release == .january ? .v2 : .v3))
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                }
                var seen = now
                let ending = try await seen.first {
                    if case .closed(_, nodeID: Samples.deviceID?, let ending) = $0 { ending } else { nil }
                }
                #expect(ending == .byNode(code: 1001, reason: "node stopping"))
            }
        }
    }

    @Test("a token that was rotated is refused, and the shared one brings the new", arguments: Wire.allCases)
    func rotated(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let first = try await node.connected().deviceToken
                // In with the device token, as it is from the second time on.
                await bench.gateway.close(Samples.deviceID, code: 1012, reason: "service restart")
                try await node.connected()
                _ = try await seen.hello()
                #expect(try await seen.hello().credential == .deviceToken)
                try await bench.gateway.rotateToken(of: Samples.deviceID)
                let second = try await node.connected().deviceToken
                #expect(try await seen.hello().credential == .token)
                #expect(second != nil && second != first)
            }
        }
    }

    // MARK: Ends

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

    @Test("reset in the middle of a large reply, it dials again and serves", arguments: Wire.allCases)
    func resetInReply(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.withRelay { relay async throws in
                try await bench.node(through: relay) { node async throws in
                    try await node.connected()
                    var calls = bench.household.calls.reader()
                    async let lost = bench.gateway.invoke("camera.snap")
                    let call = try await calls.next()
                    relay.cut(.toGateway, after: 1 << 18)
                    let blob = try ResultFrameTests.blob([UInt8](repeating: 7, count: 1 << 20))
                    call.answer(Reply(outcome: .success("{}".bytes), blob: blob))
                    #expect(await lost.outcome == .unanswered(code: "NOT_CONNECTED"))
                    try await node.connected()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                }
            }
        }
    }

    @Test("reset in the middle of what the gateway says, it dials again and serves", arguments: Wire.allCases)
    func resetInRequest(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.withRelay { relay async throws in
                try await bench.node(through: relay) { node async throws in
                    try await node.connected()
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                    relay.cut(.toNode, after: 1 << 18)
                    let params = #"{"x":""# + String(repeating: "x", count: 1 << 20) + "\"}"
                    let lost = await bench.gateway.invoke("device.info", params: params)
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
            bench.gateway.faults.script(arrivals: [
                .reset, .refuseUpgrade(status: 503, body: "Gateway websocket handlers unavailable"),
                .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".bytes), .bytes([0, 1, 2, 255]), .bytes([]),
            ])
            try await bench.node { node async throws in
                for _ in 0..<5 {
                    #expect(try await node.waitOver().condition.id == "gateway-unreachable")
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

    @Test("more than 64 KiB before the hello is refused")
    func largeBeforeHello() async throws {
        try await SocketBench.run { bench async throws in
            bench.gateway.faults.framesBeforeHello = [String(repeating: " ", count: 65_537)]
            try await bench.node { node async throws in
                #expect(try await node.wait().condition.summary.contains("1009"))
            }
        }
    }

    // MARK: While connected

    @Test("garbage and unknown frames change nothing", arguments: Wire.allCases)
    func garbage(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
                for text in [
                    "", "garbage", "{}", "[1]", deep, #"{"type":"event","event":"of.tomorrow","payload":\#(deep)}"#,
                    #"{"type":"res","id":1,"ok":true}"#, #"{"type":"event","event":"node.invoke.request"}"#,
                    Samples.challenge, String(repeating: "x", count: 1 << 20),
                ] {
                    try await bench.gateway.send(.text(text.bytes), to: Samples.deviceID)
                }
                try await bench.gateway.send(.binary([0, 255, 254]), to: Samples.deviceID)
                #expect(await bench.gateway.invoke("device.info").isSuccess)
                #expect(await bench.gateway.node(Samples.deviceID)?.connection == 1)
            }
        }
    }

    @Test("text that is no UTF-8 ends the connection with 1007, and the next one serves")
    func notUTF8() async throws {
        try await SocketBench.run { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                try await node.connected()
                try await bench.gateway.send(.text([0x7B, 0xFF, 0x7D]), to: Samples.deviceID)
                guard case .byNode(code: 1007, _) = try await seen.closed() else {
                    Issue.record("\(bench.gateway.events.all)")
                    return
                }
                try await node.connected()
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a hundred at once: eight run, the others hear BUSY, and all are answered", arguments: Wire.allCases)
    func hundred(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                let results = try await withThrowingTaskGroup(of: InvokeResult.self) { group in
                    for _ in 0..<100 { group.addTask { await bench.gateway.invoke("camera.snap") } }
                    var results: [InvokeResult] = []
                    // The others first: what runs is not answered before they are.
                    while results.count < 92, let result = try await group.next() { results.append(result) }
                    for _ in 0..<8 { try await calls.next().answer("{}") }
                    for try await result in group { results.append(result) }
                    return results
                }
                #expect(results.count == 100)
                #expect(results.suffix(8).filter(\.isSuccess).count == 8)
                for result in results.prefix(92) {
                    guard case .failed(code: "UNAVAILABLE", let message) = result.outcome else {
                        Issue.record("\(result.outcome)")
                        continue
                    }
                    #expect(message.contains("BUSY"))
                }
            }
        }
    }

    @Test("the same request twice is performed and answered once")
    func repeated() async throws {
        try await SocketBench.run { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                async let result = bench.gateway.invoke("camera.snap", copies: 3)
                try await calls.next().answer("{}")
                #expect(await result.isSuccess)
                #expect(await bench.gateway.invoke("device.info").isSuccess)
                #expect(bench.household.calls.all.count == 1)
            }
        }
    }

    @Test("a caller that gives up is heard, and the work is cancelled", arguments: Wire.allCases)
    func cancelled(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                var cancelled = bench.household.cancelled.reader()
                try await withThrowingTaskGroup(of: InvokeResult.self) { group in
                    group.addTask { await bench.gateway.invoke("camera.snap") }
                    let call = try await calls.next()
                    group.cancelAll()
                    #expect(try await cancelled.next() == call.id)
                    #expect(try await group.next()?.outcome == .unanswered(code: "ABORTED"))
                }
                #expect(await bench.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("media arrive whole", arguments: Wire.allCases)
    func media(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                let bytes = (0..<(1 << 20) + 1).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
                async let snap = bench.gateway.invoke("camera.snap", params: #"{"maxWidth":640}"#)
                let call = try await calls.next()
                #expect(call.params == #"{"maxWidth":640}"#)
                call.answer(
                    Reply(outcome: .success(#"{"format":"jpg"}"#.bytes), blob: try ResultFrameTests.blob(bytes)))
                let result = await snap
                #expect(!result.isText)
                #expect(try result.payload()["format"] == "jpg")
                #expect(try result.media() == bytes)
            }
        }
    }

    @Test("stopped with an invocation under way, it answers it and closes with 1001", arguments: Wire.allCases)
    func stop(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                async let snap = bench.gateway.invoke("camera.snap")
                let call = try await calls.next()
                node.link.stop()
                call.answer("{}")
                #expect(await snap.isSuccess)
            }
            var seen = bench.gateway.events.reader()
            #expect(try await seen.closed() == .byNode(code: 1001, reason: "node stopping"))
        }
    }

    // MARK: Trust

    @Test("a certificate that is not the pinned one gets not one byte of ours")
    func wrongPin() async throws {
        try await SocketBench.run(.tls) { bench async throws in
            try await bench.node(pin: String(repeating: "0", count: 64)) { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.id == "certificate")
                #expect(wait.delay >= .seconds(300))
                let opened = bench.gateway.events.all.contains { if case .opened = $0 { true } else { false } }
                #expect(!opened)
            }
        }
    }
}
