/// So many calls a minute, and five at once (goclaw-gateway.md §1.4).
struct TokenBucket: Sendable {
    private static let burst = 5.0

    private let perMinute: Int
    private var level = burst
    private var filledAt: ContinuousClock.Instant

    init(perMinute: Int, now: ContinuousClock.Instant) {
        self.perMinute = perMinute
        filledAt = now
    }

    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        guard perMinute > 0 else { return true }
        level = min(Self.burst, level + (now - filledAt) / .seconds(60) * Double(perMinute))
        filledAt = now
        guard level >= 1 else { return false }
        level -= 1
        return true
    }
}
