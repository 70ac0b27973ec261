import Testing

@testable import Gateway

@Suite struct ReconnectPolicyTests {
    /// A policy in a place where expectations may change it.
    private final class Trial {
        private var policy = ReconnectPolicy()

        func delay(after end: Disconnect, jitter: Double) -> Duration {
            policy.delay(after: end, jitter: jitter)
        }
    }

    static func lost(after served: Duration? = nil) -> Disconnect {
        Disconnect(.transport(.lost(nil)), served: served)
    }

    static func refused(_ retry: Disconnect.Retry) -> Disconnect {
        Disconnect(.refused(GatewayRefusal(code: "X", message: "")), retry: retry)
    }

    @Test("backs off from one second, doubling, to thirty")
    func backoff() {
        let policy = Trial()
        let delays = (0..<8).map { _ in policy.delay(after: Self.lost(), jitter: 0) }
        #expect(delays == [1, 2, 4, 8, 16, 30, 30, 30].map { Duration.seconds($0) })
    }

    @Test("jitter adds a quarter at most, to whatever is not the gateway's own wish", arguments: [0, 0.5, 1.0])
    func jitter(_ jitter: Double) {
        for (retry, seconds) in [(Disconnect.Retry.backoff, 1.0), (.approval, 2.0), (.rarely, 300.0)] {
            let policy = Trial()
            #expect(
                policy.delay(after: Self.refused(retry), jitter: jitter) == .seconds(seconds * (1 + jitter / 4)))
        }
        let policy = Trial()
        #expect(policy.delay(after: Self.refused(.after(.milliseconds(500))), jitter: jitter) == .milliseconds(500))
    }

    @Test("a stable minute resets it, a gateway that throws us out again does not")
    func reset() {
        let policy = Trial()
        for _ in 0..<4 { _ = policy.delay(after: Self.lost(), jitter: 0) }
        #expect(policy.delay(after: Self.lost(after: .seconds(59)), jitter: 0) == .seconds(16))
        #expect(policy.delay(after: Self.lost(after: .seconds(60)), jitter: 0) == .seconds(1))
        #expect(policy.delay(after: Self.lost(), jitter: 0) == .seconds(2))
    }

    @Test("a wait that the gateway asked for does not grow the next one")
    func after() {
        let policy = Trial()
        for _ in 0..<5 {
            #expect(policy.delay(after: Self.refused(.after(.milliseconds(200))), jitter: 1) == .milliseconds(200))
        }
        #expect(policy.delay(after: Self.lost(), jitter: 0) == .seconds(1))
    }

    @Test("approval is asked for soon at first, then often enough to keep the request alive")
    func approval() {
        let policy = Trial()
        let delays = (0..<12).map { _ in policy.delay(after: Self.refused(.approval), jitter: 0) }
        #expect(delays.first == .seconds(2))
        #expect(zip(delays, delays.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(delays.last == .seconds(20))
        _ = policy.delay(after: Self.lost(after: .seconds(1)), jitter: 0)
        #expect(policy.delay(after: Self.refused(.approval), jitter: 0) == .seconds(2))
    }

    @Test("something changed is tried at once, but not in circles")
    func immediate() {
        let policy = Trial()
        let delays = (0..<5).map { _ in policy.delay(after: Self.refused(.now), jitter: 0) }
        #expect(delays == [.zero, .zero, .zero, .seconds(1), .seconds(2)])
        _ = policy.delay(after: Self.lost(after: .seconds(1)), jitter: 0)
        #expect(policy.delay(after: Self.refused(.now), jitter: 0) == .zero)
    }
}
