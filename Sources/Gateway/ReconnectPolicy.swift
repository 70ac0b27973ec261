/// When to dial again (openclaw-gateway §10.1), decided without a clock: `jitter` is a number from 0 to 1.
package struct ReconnectPolicy: Sendable {
    private static let first = 1.0
    private static let longest = 30.0
    /// A gateway that lets us in and throws us out again is no better than one that is down.
    private static let stable = Duration.seconds(60)
    private static let rare = 300.0

    private var nextBackoff = first
    private var nextApproval = 2.0
    private var immediate = 0

    package init() {}

    package mutating func delay(after end: Disconnect, jitter: Double) -> Duration {
        if let served = end.served {
            nextApproval = 2
            immediate = 0
            if served >= Self.stable { nextBackoff = Self.first }
        }
        switch end.retry {
        case .now:
            // Each change is made once, so this is the second line of defence against asking in circles.
            immediate += 1
            if immediate <= 3 { return .zero }
            return backoff(jitter)
        case .after(let duration): return duration
        case .backoff: return backoff(jitter)
        case .approval:
            // Soon at first, because the operator is probably looking; then often enough to keep the request alive (§5.3).
            defer { nextApproval = min(nextApproval * 1.5, 20) }
            return .seconds(nextApproval * (1 + 0.25 * jitter))
        case .rarely, .credentials: return .seconds(Self.rare * (1 + 0.25 * jitter))
        }
    }

    private mutating func backoff(_ jitter: Double) -> Duration {
        defer { nextBackoff = min(nextBackoff * 2, Self.longest) }
        return .seconds(nextBackoff * (1 + 0.25 * jitter))
    }
}
