/// When a wait is cut short because something woke the link, decided without a clock.
///
/// Not when it was the gateway that sent us away, who says itself when it wants to be asked; and never often: an interface that
/// comes and goes must neither make the link spin nor take the gateway's back-off from it.
struct EarlyRetry: Sendable {
    /// So many at once, because a network comes back in steps: a carrier, an address, another address.
    private static let burst = 3
    /// And then one in so many.
    private static let interval = Duration.seconds(5)
    /// An address comes a moment before the routes that it is good for.
    private static let settling = Duration.milliseconds(100)

    /// When all of `burst` would be there again.
    private var restored: ContinuousClock.Instant?

    /// When to dial; nil when `wake` does not help after such an end.
    func moment(of wake: Wake, after end: Disconnect, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard helps(wake, after: end) else { return nil }
        let allowed = restored.map { $0 - Self.interval * (Self.burst - 1) } ?? now
        return max(now + Self.settling, allowed)
    }

    /// Notes that it was dialled then.
    mutating func dialled(at moment: ContinuousClock.Instant) {
        restored = max(restored ?? moment, moment) + Self.interval
    }

    private func helps(_ wake: Wake, after end: Disconnect) -> Bool {
        switch end.cause {
        // By another clock the certificate may be valid.
        case .transport(.tls(.outOfTime)): end.retry == .backoff || wake.isOfTimeOfDay
        // Somebody answered.
        case .transport(.upgradeRefused): false
        case .transport, .silent, .dead, .handshake: end.retry == .backoff
        case .closed, .refused, .stopping: false
        }
    }
}
