import LinuxIO
import NodeCore
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// What the link makes of a network that comes back, a machine that resumes, and clocks that jump.
@Suite(.timeLimit(.minutes(5))) struct LinkWakingTests {
    private static let slept = Wake.clocks(ClockJump(slept: .seconds(3_600)))

    @Test("a link that waits for a network dials as soon as it is back, and says in its status when")
    func waiting() async throws {
        let bench = try LinkBench()
        bench.network.fail(
            .unreachable(Errno(101), nil), .unreachable(Errno(101), nil), .unreachable(Errno(101), nil))
        try await bench.run { gateway async throws in
            for _ in 0..<2 { try await gateway.waitOver() }
            #expect(try await gateway.wait().delay >= .seconds(4))
            gateway.bench.bell.ring(.network(.address(index: 1)))
            let early = try await gateway.wait()
            #expect(early.delay == .milliseconds(100))
            #expect(early.condition.id == "gateway-unreachable")
            await gateway.bench.clock.sleeper(until: gateway.bench.clock.now + early.delay)
            gateway.bench.clock.advance(by: early.delay)
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
        }
    }

    @Test("what comes back while it dials in vain counts as well")
    func whileDialling() async throws {
        let bench = try LinkBench(dial: nil)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            _ = try await connection.connect()
            gateway.bench.bell.ring(.resumed)
            connection.transport.fail()
            #expect(try await gateway.wait().delay >= .seconds(1))
            #expect(try await gateway.wait().delay == .milliseconds(100))
        }
    }

    @Test("a gateway that wants to be asked later is asked later, whatever the network does")
    func refused() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            gateway.bench.bell.ring(.network(.much))
            try await connection.refuse(.pairing("r-1"))
            gateway.bench.bell.ring(.network(.much))
            let delay = try await gateway.waitOver().delay
            #expect(delay >= .seconds(2))
            var next = try await gateway.next()
            try await next.welcome()
            _ = try await gateway.connected()
        }
        let waits = bench.events.all.count { if case .waiting = $0 { true } else { false } }
        #expect(waits == 1)
    }

    @Test("a connection that answers after a change of the network is kept")
    func alive() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
            for wake in [Wake.network(.much), .resumed, .clocks(ClockJump(set: .seconds(-1_600_000_000)))] {
                gateway.bench.bell.ring(wake)
                try await connection.pinged()
                connection.transport.pong()
                // The pause before the next ping, and the watchdog.
                await gateway.bench.clock.sleepers(2)
                gateway.bench.clock.advance(by: .seconds(1))
            }
            connection.transport.deliver(Samples.invoke("1", timeoutMs: 0))
            #expect(try await connection.result()["ok"] == true)
            // What it has answered to is dealt with: the gateway's own end is waited for as usual.
            connection.transport.fail()
            #expect(try await gateway.waitOver().delay >= .seconds(1))
            var next = try await gateway.next()
            try await next.welcome()
        }
        #expect(bench.network.connections.all.count == 2)
    }

    @Test("one that does not answer is dropped with 4000 and dialled again at once")
    func dead() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
            gateway.bench.bell.ring(.network(.link(index: 4_000_000_000)))
            try await connection.pinged()
            connection.transport.pong(.timedOut("the answer to a ping"))
            #expect(try await connection.closed().code == .tickTimeout)
            let wait = try await gateway.wait()
            #expect(wait.condition.summary.contains("interface 4000000000 is up"))
            #expect(try await gateway.waitOver().delay == .milliseconds(100))
            var next = try await gateway.next()
            try await next.welcome()
        }
    }

    @Test("one that slept longer than two ticks is not asked: the gateway has given it up")
    func slept() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(tickMs: 30_000)
            _ = try await gateway.connected()
            gateway.bench.bell.ring(Self.slept)
            #expect(try await connection.closed().code == .tickTimeout)
            #expect(try await gateway.wait().condition.summary.contains("the machine slept for 3600 s"))
            #expect(try await gateway.waitOver().delay == .milliseconds(100))
            var next = try await gateway.next()
            try await next.welcome()
        }
    }

    @Test("something else that was heard meanwhile is as good as the answer")
    func busy() async throws {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
            gateway.bench.bell.ring(.resumed)
            try await connection.pinged()
            await gateway.bench.clock.sleepers(1)
            gateway.bench.clock.advance(by: .seconds(1))
            connection.transport.deliver(Samples.invoke("1", timeoutMs: 0))
            _ = try await connection.result()
            connection.transport.pong(.timedOut("the answer to a ping"))
            connection.transport.deliver(Samples.invoke("2", timeoutMs: 0))
            #expect(try await connection.result()["ok"] == true)
        }
    }
}
