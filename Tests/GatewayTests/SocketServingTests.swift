import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// Serving a gateway on loopback.
@Suite(.timeLimit(.minutes(5))) struct SocketServingTests {
    typealias Wire = SocketBench.Wire

    @Test("garbage and unknown frames change nothing, and the connection stays", arguments: Wire.allCases)
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
                #expect(await bench.isUndisturbed)
            }
        }
    }

    @Test("text that is no UTF-8 ends the connection with 1007, and the next one serves", arguments: Wire.allCases)
    func notUTF8(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
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

    @Test(
        "a hundred at once: eight run, the others hear BUSY, all are answered, and the connection stays",
        arguments: Wire.allCases)
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
                #expect(await bench.isUndisturbed)
                #expect(results.suffix(8).filter(\.isSuccess).count == 8)
                for result in results.prefix(92) {
                    guard case .failed(code: "NODE_NOT_READY", let message) = result.outcome else {
                        Issue.record("\(result.outcome)")
                        continue
                    }
                    #expect(message.contains("BUSY"))
                }
            }
        }
    }

    @Test("the same request twice is performed and answered once", arguments: Wire.allCases)
    func repeated(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                try await node.connected()
                var calls = bench.household.calls.reader()
                async let result = bench.gateway.invoke("camera.snap", copies: 3)
                try await calls.next().answer("{}")
                #expect(await result.isSuccess)
                #expect(await bench.gateway.invoke("device.info").isSuccess)
                #expect(bench.household.calls.all.count == 1)
                #expect(await bench.isUndisturbed)
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
}
