import NodeCore
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// How the link ends.
@Suite(.timeLimit(.minutes(5))) struct LinkStoppingTests {
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
            #expect(try await connection.result()["error"]?["code"] == "NODE_NOT_READY")
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
        let bench = try LinkBench(dial: { _ throws(WebSocketError) in
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
        let bench = try LinkBench(dial: { _ throws(WebSocketError) in
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
