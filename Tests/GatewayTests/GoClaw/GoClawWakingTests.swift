import LinuxIO
import NodeCore
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// What a link to a GoClaw gateway makes of a wake: the same as one to an OpenClaw gateway does.
@Suite(.timeLimit(.minutes(5))) struct GoClawWakingTests {
    private func bench() throws -> LinkBench { try LinkBench(secret: SharedSecret(), dialect: .goclaw) }

    private func connected(_ gateway: inout LinkBench.Gateway) async throws -> Listener {
        var connection = try await gateway.next()
        let id = try await connection.frame()["id"]?.string ?? ""
        connection.transport.deliver([
            "type": "res", "id": .string(id), "ok": true, "payload": ["protocol": 3, "role": "operator"],
        ])
        _ = try await gateway.connected()
        return connection
    }

    @Test("a connection that does not answer after a wake is dropped and dialled again at once")
    func dead() async throws {
        try await bench().run { gateway async throws in
            var connection = try await connected(&gateway)
            gateway.bench.bell.ring(.network(.link(index: 4_000_000_000)))
            try await connection.pinged()
            connection.transport.pong(.timedOut("the answer to a ping"))
            #expect(try await connection.closed().code == .goingAway)
            #expect(try await gateway.wait().condition.summary.contains("interface 4000000000 is up"))
            #expect(try await gateway.waitOver().delay == .milliseconds(100))
            _ = try await connected(&gateway)
        }
    }

    @Test("one over which the machine slept too long is not asked")
    func slept() async throws {
        try await bench().run { gateway async throws in
            var connection = try await connected(&gateway)
            gateway.bench.bell.ring(.clocks(ClockJump(slept: .seconds(3_600))))
            #expect(try await connection.closed().code == .goingAway)
            #expect(try await gateway.wait().condition.summary.contains("the machine slept for 3600 s"))
            #expect(try await gateway.waitOver().delay == .milliseconds(100))
            _ = try await connected(&gateway)
        }
    }

    @Test("one that answers is kept, and what rang then does not hasten the dial after its end")
    func alive() async throws {
        let bench = try bench()
        try await bench.run { gateway async throws in
            var connection = try await connected(&gateway)
            gateway.bench.bell.ring(.resumed)
            try await connection.pinged()
            connection.transport.pong()
            // The pause before the next ping: what rang is dealt with.
            await gateway.bench.clock.sleeper(until: gateway.bench.clock.now + .seconds(1))
            connection.transport.fail()
            #expect(try await gateway.waitOver().delay >= .milliseconds(500))
            _ = try await connected(&gateway)
        }
        let waits = bench.events.all.count { if case .waiting = $0 { true } else { false } }
        #expect(waits == 1)
        #expect(bench.network.connections.all.count == 2)
    }
}
