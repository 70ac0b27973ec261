import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// Commands that a connection leaves behind when it goes, and their results on the next one (goclaw-gateway §7.4).
@Suite(.timeLimit(.minutes(5))) struct GoClawCrossingTests {
    private static func snap(_ id: String) -> JSONValue {
        Samples.invoke(id, "camera.snap", nodeID: Samples.identity.instanceID)
    }

    /// Has a result come while there is no connection, and waits until it waits for one.
    private func leaveBehind(_ bench: GoClawBench, _ node: inout GoClawBench.Node) async throws {
        var calls = bench.household.calls.reader()
        await bench.gateway.push(Self.snap("1"))
        let call = try await calls.next()
        let askedAt = bench.clock.now
        await bench.gateway.dropAll()
        _ = try await node.wait()
        call.answer("{}")
        await bench.clock.sleeper(at: askedAt + .seconds(120))
    }

    static let families: [GoClawFamily] = [.nodeHost, .computeNode]

    @Test("a command goes on when the connection is lost, and is answered on the next one", arguments: families)
    func later(_ family: GoClawFamily) async throws {
        try await GoClawBench.admitted(family) { bench, node async throws in
            var calls = bench.household.calls.reader()
            async let reply = bench.gateway.invoke("camera.snap")
            let call = try await calls.next()
            await bench.gateway.dropAll()
            await node.pass(try await node.wait())
            _ = try await node.connected()
            call.answer(#"{"format":"jpg"}"#)
            #expect(try GoClawBench.payload(await reply)["format"] == "jpg")
            #expect(bench.household.cancelled.all.isEmpty)
            #expect(bench.gateway.events.openedConnections == 2)
        }
    }

    @Test("what is ready while there is no connection waits for one, and is told in its record", arguments: families)
    func waiting(_ family: GoClawFamily) async throws {
        try await GoClawBench.admitted(family) { bench, node async throws in
            var calls = bench.household.calls.reader()
            async let reply = bench.gateway.invoke("camera.snap")
            let call = try await calls.next()
            let askedAt = bench.clock.now
            await bench.gateway.dropAll()
            let wait = try await node.wait()
            call.answer(#"{"format":"jpg"}"#)
            await bench.clock.sleeper(at: askedAt + .seconds(120))
            await node.pass(wait)
            #expect(try GoClawBench.payload(await reply)["format"] == "jpg")
            let record = try await node.event { if case .invoked(let record) = $0 { record } else { nil } }
            #expect(record.outcome == "ok")
            #expect(try #require(record.bytes) > 0)
        }
    }

    @Test("media are put where the gateway keeps them once it is there again") func media() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            var calls = bench.household.calls.reader()
            async let reply = bench.gateway.invoke("camera.snap")
            let call = try await calls.next()
            let askedAt = bench.clock.now
            await bench.gateway.dropAll()
            let wait = try await node.wait()
            call.answer(try GoClawBench.media(#"{"format":"mp4"}"#, Array(repeating: 7, count: 1 << 20)))
            await bench.clock.sleeper(at: askedAt + .seconds(120))
            #expect(bench.gateway.events.uploads == 0)
            await node.pass(wait)
            #expect(try GoClawBench.payload(await reply)["uploaded"] == true)
            #expect(bench.gateway.events.uploads == 1)
        }
    }

    @Test("after two minutes nobody waits for a result any more, and it goes") func expired() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            try await leaveBehind(bench, &node)
            bench.clock.advance(by: .seconds(120))
            let record = try await node.event { if case .invoked(let record) = $0 { record } else { nil } }
            #expect(record.bytes == nil)
            _ = try await node.connected()
            #expect(bench.gateway.events.results == 0)
        }
    }

    @Test("a node that stops does not wait for a connection to tell a result on") func stopping() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            try await leaveBehind(bench, &node)
        }
    }

    @Test("what was asked as a request belongs to its connection, and is cancelled with that")
    func request() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            var calls = bench.household.calls.reader()
            var cancelled = bench.household.cancelled.reader()
            await bench.gateway.push([
                "type": "req", "id": "r-1", "method": "node.invoke", "params": ["command": "camera.snap"],
            ])
            let call = try await calls.next()
            await bench.gateway.dropAll()
            #expect(try await cancelled.next() == call.id)
        }
    }

    @Test("a gateway that has revoked the key in between gets no result of its compute node") func revoked()
        async throws
    {
        try await GoClawBench.admitted(.computeNode) { bench, node async throws in
            var calls = bench.household.calls.reader()
            await bench.gateway.push([
                "type": "event", "event": "node.invoke",
                "payload": ["nodeId": "n-1", "invokeId": "1", "command": "camera.snap", "args": []],
            ])
            let call = try await calls.next()
            let askedAt = bench.clock.now
            await bench.gateway.setTrust(.revoked, of: "n-1")
            await node.pass(try await node.wait())
            _ = try await node.raised("surface-approval")
            call.answer("{}")
            await bench.clock.sleeper(at: askedAt + .seconds(120))
            bench.clock.advance(by: .seconds(120))
            let record = try await node.event { if case .invoked(let record) = $0 { record } else { nil } }
            #expect(record.bytes == nil)
            #expect(bench.gateway.events.results == 0)
        }
    }

    // MARK: R17

    @Test("R17: what is asked for again is answered again, and done once") func again() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            var calls = bench.household.calls.reader()
            var seen = bench.gateway.events.readerFromNow()
            await bench.gateway.push(Self.snap("1"))
            try await calls.next().answer(#"{"format":"jpg"}"#)
            let first = try await seen.request("node.invoke.result")
            await bench.gateway.push(Self.snap("1"))
            #expect(try await seen.request("node.invoke.result") == first)
            // Also by a gateway that has lost the connection meanwhile.
            await bench.gateway.dropAll()
            await node.pass(try await node.wait())
            _ = try await node.connected()
            await bench.gateway.push(Self.snap("1"))
            #expect(try await seen.request("node.invoke.result") == first)
            #expect(bench.household.calls.all.count == 1)
        }
    }

    @Test("R17: what is asked for again while it is done is answered where it was asked last") func joined()
        async throws
    {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            var calls = bench.household.calls.reader()
            await bench.gateway.push(Self.snap("1"))
            await bench.gateway.push(Self.snap("1"))
            let call = try await calls.next()
            await bench.gateway.dropAll()
            await node.pass(try await node.wait())
            _ = try await node.connected()
            await bench.gateway.push(Self.snap("1"))
            // It is known to have come when the next one is answered.
            #expect(await bench.gateway.invoke("device.info") != nil)
            var seen = bench.gateway.events.readerFromNow()
            call.answer("{}")
            #expect(try await seen.request("node.invoke.result")["id"] == "1")
            #expect(await bench.gateway.invoke("device.info") != nil)
            #expect(bench.household.calls.all.count == 1)
            #expect(bench.gateway.events.results == 3)
        }
    }

    @Test("R17: media that were put elsewhere are not put there again") func mediaAgain() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            var calls = bench.household.calls.reader()
            var seen = bench.gateway.events.readerFromNow()
            await bench.gateway.push(Self.snap("1"))
            try await calls.next().answer(
                try GoClawBench.media(#"{"format":"mp4"}"#, Array(repeating: 7, count: 1 << 20)))
            let first = try await seen.request("node.invoke.result")
            #expect(try GoClawBench.payload(first)["uploaded"] == true)
            await bench.gateway.push(Self.snap("1"))
            #expect(try await seen.request("node.invoke.result") == first)
            #expect(bench.gateway.events.uploads == 1)
        }
    }

    @Test("R17: what was refused because too much was asked for at once is done when it is asked for again")
    func refused() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, node async throws in
            var calls = bench.household.calls.reader()
            var seen = bench.gateway.events.readerFromNow()
            for number in 0..<8 { await bench.gateway.push(Self.snap("\(number)")) }
            await bench.gateway.push(Self.snap("8"))
            #expect(try await seen.request("node.invoke.result")["error"]?["code"] == "UNAVAILABLE")
            try await calls.next().answer("{}")
            #expect(try await seen.request("node.invoke.result")["ok"] == true)
            await bench.gateway.push(Self.snap("8"))
            for _ in 0..<8 { try await calls.next().answer("{}") }
            let results = bench.household.calls.all.map(\.id)
            #expect(Set(results).count == 9)
        }
    }
}

extension EventFeed<GoClawEvent> {
    fileprivate var uploads: Int { all.count { if case .uploaded = $0 { true } else { false } } }
    fileprivate var results: Int {
        all.count {
            if case .request(_, let method, _) = $0 {
                ["node.invoke.result", "nodes.result"].contains(method)
            } else {
                false
            }
        }
    }
}
