import NodeCore
import Testing

@testable import Gateway

/// How a node gets in (goclaw-gateway §3.7), in tables of what is answered and what comes of it.
@Suite struct PairingProcedureTests {
    private static let start = ContinuousClock.now
    private static let wall = 1_767_225_600_000
    private static let paired = {
        var memory = GoClawMemory()
        memory.pairing = .init(senderId: "s-1", pairedAtMs: wall)
        return memory
    }()
    private static let waiting = {
        var memory = GoClawMemory()
        memory.request = .init(senderId: "s-1", code: "K7MQ2XPA", sinceMs: wall)
        return memory
    }()

    /// A procedure and the clock that it goes by.
    private struct Bench {
        var procedure: PairingProcedure
        var elapsed = Duration.zero

        init(
            _ memory: GoClawMemory = GoClawMemory(), token: String? = nil, requestedAt: Duration? = nil,
            waiting: PairingProcedure.Waiting? = nil
        ) {
            procedure = PairingProcedure(
                memory, token: token, requestedAt: requestedAt.map { PairingProcedureTests.start + $0 },
                waiting: waiting, now: PairingProcedureTests.start)
        }

        private var now: ContinuousClock.Instant { PairingProcedureTests.start + elapsed }
        private var wallMs: Int { PairingProcedureTests.wall + Int(elapsed / .milliseconds(1)) }

        mutating func next() -> PairingProcedure.Step { procedure.next(now: now, wallMs: wallMs) }

        /// Seconds until the next step, which is no longer a wait then.
        mutating func pass() -> Double {
            guard case .wait(let deadline) = next() else { return 0 }
            let wait = now.duration(to: deadline)
            elapsed += wait
            return wait / .seconds(1)
        }

        mutating func answer(_ answer: GoClawAnswer) -> PairingProcedure.Verdict {
            procedure.answered(answer, now: now, wallMs: wallMs, jitter: 0)
        }

        mutating func refuse(_ code: String = "UNAUTHORIZED") -> PairingProcedure.Verdict {
            answer(.refused(GoClawFault(code, "")))
        }

        mutating func tell(_ status: String) {
            procedure.told(.success(status), now: now, wallMs: wallMs, jitter: 0)
        }

        mutating func tell(_ fault: GoClawFault) {
            procedure.told(.failure(fault), now: now, wallMs: wallMs, jitter: 0)
        }
    }

    private static let operatorHello = GoClawHello(role: .operator)

    @Test("without anything it asks for a pairing, polls, and is let in on the same connection")
    func pairing() {
        var bench = Bench()
        #expect(bench.next() == .connect(.nothing))
        #expect(bench.answer(.pairing(code: "K7MQ2XPA", senderID: "s-1")) == .goOn)
        #expect(bench.procedure.waiting == .approval(code: "K7MQ2XPA"))
        #expect(bench.pass() == 5)
        #expect(bench.next() == .status(of: "s-1"))
        bench.tell("pending")
        #expect(bench.pass() == 5)
        #expect(bench.next() == .status(of: "s-1"))
        bench.tell("approved")
        #expect(bench.next() == .connect(.sender("s-1")))
        #expect(bench.answer(.admitted(Self.operatorHello)) == .admitted(Self.operatorHello))
        #expect(bench.procedure.memory.pairing?.senderId == "s-1")
        #expect(bench.procedure.memory.request == nil)
        #expect(bench.procedure.waiting == nil)
    }

    @Test("why it waits outlives the connection, and is never left open")
    func whyItWaits() {
        for (known, told) in [(nil, .unheard), (.quota, .quota), (.denied, .denied)]
            as [(PairingProcedure.Waiting?, PairingProcedure.Waiting)]
        {
            var bench = Bench(requestedAt: .seconds(-60), waiting: known)
            #expect(bench.pass() == 19 * 60)
            #expect(bench.procedure.waiting == told)
            #expect(bench.next() == .connect(.nothing))
        }
    }

    @Test("a token goes with the pairing, so that the stronger of them counts")
    func tokenAndPairing() {
        var bench = Bench(Self.paired, token: "t")
        #expect(bench.next() == .connect(.token("t", sender: "s-1")))
        let admin = GoClawHello(role: .admin)
        #expect(bench.answer(.admitted(admin)) == .admitted(admin))
        #expect(bench.procedure.memory == Self.paired)
    }

    @Test(
        "a token that is refused, or makes only a viewer, is dropped, and a pairing asked for without it",
        arguments: [true, false])
    func refusedToken(_ isOldGateway: Bool) {
        var bench = Bench(token: "stale")
        #expect(bench.next() == .connect(.token("stale", sender: nil)))
        #expect((isOldGateway ? bench.answer(.admitted(GoClawHello(role: .viewer))) : bench.refuse()) == .goOn)
        #expect(bench.procedure.isTokenRefused)
        #expect(bench.next() == .connect(.nothing))
    }

    @Test("a request that waits is asked for on a new connection without another being made")
    func reconnected() {
        var bench = Bench(Self.waiting)
        // With a token that is none nobody new is waited for.
        guard case .connect(.token(_, sender: "s-1")) = bench.next() else {
            Issue.record("\(bench.next())")
            return
        }
        #expect(bench.refuse() == .goOn)
        #expect(bench.procedure.waiting == .approval(code: "K7MQ2XPA"))
        #expect(bench.pass() == 30)
        guard case .connect(.token(_, sender: "s-1")) = bench.next() else {
            Issue.record("\(bench.next())")
            return
        }
        #expect(bench.answer(.admitted(Self.operatorHello)) == .admitted(Self.operatorHello))
        #expect(bench.procedure.memory.pairing?.senderId == "s-1")
    }

    @Test("D16: what was refused is presented ever more slowly, up to every ten minutes")
    func slower() {
        var bench = Bench(Self.waiting)
        var waits: [Double] = []
        while bench.elapsed < .seconds(50 * 60), case .connect = bench.next() {
            _ = bench.refuse()
            waits.append(bench.pass())
        }
        #expect(waits.prefix(6) == [30, 60, 120, 240, 480, 600])
        #expect(waits.dropFirst(5).allSatisfy { $0 == 600 })
    }

    @Test("D16: not more than one place is asked for in twenty minutes")
    func quotaPause() {
        var bench = Bench()
        #expect(bench.next() == .connect(.nothing))
        #expect(bench.refuse() == .goOn)
        #expect(bench.procedure.waiting == .quota)
        #expect(bench.pass() == 1_200)
        #expect(bench.next() == .connect(.nothing))

        var other = Bench(requestedAt: .seconds(-600))
        #expect(other.pass() == 600)
        #expect(other.next() == .connect(.nothing))
    }

    @Test("who was denied waits before asking again")
    func denied() {
        var bench = Bench()
        _ = bench.next()
        _ = bench.answer(.pairing(code: "K7MQ2XPA", senderID: "s-1"))
        _ = bench.pass()
        _ = bench.next()
        bench.tell("expired")
        #expect(bench.procedure.waiting == .denied)
        #expect(bench.pass() == 1_195)
        #expect(bench.next() == .connect(.nothing))
    }

    @Test("a code that nobody has approved within the hour is replaced at once")
    func expired() {
        var bench = Bench(Self.waiting)
        bench.elapsed = .seconds(3_600)
        #expect(bench.next() == .connect(.nothing))
    }

    @Test("a pairing that has ended is forgotten, and its connection waits for the next")
    func lapsed() {
        var bench = Bench(Self.paired)
        #expect(bench.next() == .connect(.sender("s-1")))
        #expect(bench.answer(.pairing(code: "K7MQ2XPB", senderID: "s-2")) == .goOn)
        #expect(bench.procedure.memory.pairing == nil)
        #expect(bench.procedure.memory.request?.senderId == "s-2")
    }

    @Test("a pairing whose answer was lost takes no second place when it is presented again")
    func lostAnswer() {
        var bench = Bench(Self.paired)
        #expect(bench.next() == .connect(.sender("s-1")))
        var again = PairingProcedure(
            bench.procedure.memory, token: nil, requestedAt: bench.procedure.requestedAt, now: Self.start)
        guard case .connect(.token(_, sender: "s-1")) = again.next(now: Self.start, wallMs: Self.wall) else {
            Issue.record("it is taken for somebody new")
            return
        }
    }

    @Test("a gateway that is asked too fast is left alone for a quarter of a minute, or as long as it says")
    func exhausted() {
        for (retryAfter, seconds) in [(nil, 15.0), (1_000, 15), (60_000, 60)] as [(Int?, Double)] {
            var bench = Bench()
            _ = bench.next()
            _ = bench.answer(.pairing(code: "C", senderID: "s-1"))
            _ = bench.pass()
            _ = bench.next()
            var fault = GoClawFault("RESOURCE_EXHAUSTED", "rate limited")
            fault.retryAfterMs = retryAfter
            bench.tell(fault)
            #expect(bench.pass() == seconds)
        }
    }

    @Test("a hint brings the next question forward, but never below five seconds after the last")
    func hint() {
        var bench = Bench()
        _ = bench.next()
        _ = bench.answer(.pairing(code: "C", senderID: "s-1"))
        bench.elapsed = .seconds(1)
        bench.procedure.hinted()
        #expect(bench.pass() == 4)

        var slow = Bench(Self.waiting)
        _ = slow.next()
        _ = slow.refuse()
        slow.elapsed = .seconds(10)
        slow.procedure.hinted()
        #expect(slow.pass() == 0)
    }

    private static let endings: [(code: String, ending: PairingProcedure.Ending)] = [
        ("INVALID_REQUEST", .mistaken), ("TENANT_ACCESS_REVOKED", .shutOut), ("FAILED_PRECONDITION", .shutOut),
        ("INTERNAL", .later(milliseconds: nil)), ("UNAVAILABLE", .later(milliseconds: nil)),
        ("AGENT_TIMEOUT", .later(milliseconds: nil)), ("RESOURCE_EXHAUSTED", .later(milliseconds: nil)),
        ("NEWS", .later(milliseconds: nil)),
    ]

    @Test("what a refusal means goes by its code alone", arguments: endings)
    func codes(_ sample: (code: String, ending: PairingProcedure.Ending)) {
        var bench = Bench()
        _ = bench.next()
        #expect(bench.refuse(sample.code) == .end(sample.ending))
    }

    @Test("the days that a pairing has left are told from the twenty-fifth on")
    func life() {
        let pairing = GoClawMemory.Pairing(senderId: "s", pairedAtMs: Self.wall)
        let day = 86_400_000
        #expect(pairing.daysLeft(at: Self.wall + 25 * day - 1) == nil)
        #expect(pairing.daysLeft(at: Self.wall + 25 * day) == 5)
        #expect(pairing.daysLeft(at: Self.wall + 31 * day) == 0)
        #expect(pairing.daysLeft(at: 0) == nil)
    }
}
