import Testing

@testable import Gateway

/// When a GoClaw gateway is dialled again (goclaw-gateway §7.3).
@Suite struct GoClawBackoffTests {
    private static let lost = Disconnect(.silent)
    private static func served(_ time: Duration) -> Disconnect { Disconnect(.silent, served: time) }

    @Test("C1, D2: the waits double up to half a minute, and chance halves them at most")
    func series() {
        var (longest, shortest) = (GoClawBackoff(), GoClawBackoff())
        for seconds in [1, 2, 4, 8, 16, 30, 30] as [Double] {
            #expect(longest.delay(after: Self.lost, jitter: 1) == .seconds(seconds))
            #expect(shortest.delay(after: Self.lost, jitter: 0) == .seconds(seconds / 2))
        }
    }

    @Test("D1: a connection that has lasted a minute sets the waits back")
    func reset() {
        var backoff = GoClawBackoff()
        for _ in 0..<6 { _ = backoff.delay(after: Self.lost, jitter: 1) }
        #expect(backoff.delay(after: Self.served(.seconds(60)), jitter: 1) == .seconds(1))
        #expect(backoff.delay(after: Self.lost, jitter: 1) == .seconds(1))
        #expect(backoff.delay(after: Self.lost, jitter: 1) == .seconds(2))
    }

    @Test("D1: after a connection that did not last it is dialled at once, but only the first time")
    func flapping() {
        var backoff = GoClawBackoff()
        for _ in 0..<4 { _ = backoff.delay(after: Self.lost, jitter: 1) }
        #expect(backoff.delay(after: Self.served(.seconds(5)), jitter: 1) == .seconds(1))
        #expect(backoff.delay(after: Self.served(.seconds(5)), jitter: 1) == .seconds(16))
    }

    @Test("D16: a credential that is refused is presented after half a minute, one, two, up to ten")
    func credentials() {
        var backoff = GoClawBackoff()
        for seconds in [30, 60, 120, 240, 480, 600, 600] as [Double] {
            #expect(backoff.delay(after: Disconnect(.silent, retry: .credentials), jitter: 1) == .seconds(seconds))
        }
        _ = backoff.delay(after: Self.served(.seconds(1)), jitter: 1)
        #expect(backoff.delay(after: Disconnect(.silent, retry: .credentials), jitter: 1) == .seconds(30))
    }

    @Test("what the gateway asks for is done")
    func asked() {
        var backoff = GoClawBackoff()
        #expect(backoff.delay(after: Disconnect(.silent, retry: .after(.seconds(7))), jitter: 1) == .seconds(7))
        #expect(backoff.delay(after: Disconnect(.silent, retry: .now), jitter: 1) == .zero)
    }
}
