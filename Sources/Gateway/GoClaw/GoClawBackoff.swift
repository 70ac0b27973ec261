/// When to dial a GoClaw gateway again (goclaw-gateway §7.3, C11, C12, D16), decided without a clock: `jitter` is a number
/// from 0 to 1.
struct GoClawBackoff: Sendable {
    private static let first = 1.0
    private static let longest = 30.0
    private static let stable = Duration.seconds(60)
    private static let firstCredential = 30.0
    private static let longestCredential = 600.0

    private var step = first
    private var credentialStep = firstCredential
    /// Whether a connection that did not last has been followed by a quick one already.
    private var wasQuick = false

    mutating func delay(after end: Disconnect, jitter: Double) -> Duration {
        if let served = end.served {
            credentialStep = Self.firstCredential
            if served >= Self.stable { (step, wasQuick) = (Self.first, false) }
        }
        switch end.retry {
        case .now: return .zero
        case .after(let duration): return duration
        case .rarely, .approval: return spread(Self.longestCredential, jitter)
        case .credentials:
            defer { credentialStep = min(credentialStep * 2, Self.longestCredential) }
            return spread(credentialStep, jitter)
        case .backoff:
            if end.served != nil, !wasQuick {
                wasQuick = true
                return spread(Self.first, jitter)
            }
            defer { step = min(step * 2, Self.longest) }
            return spread(step, jitter)
        }
    }

    private func spread(_ seconds: Double, _ jitter: Double) -> Duration { .seconds(seconds * (0.5 + 0.5 * jitter)) }
}
