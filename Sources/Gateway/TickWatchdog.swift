import LinuxIO

/// Tells a silent gateway from a quiet one (openclaw-gateway §1.3): it ticks, so two ticks' silence is one too many. Less than
/// a second is no silence, whatever a gateway says of its ticks.
struct TickWatchdog: Sendable {
    let patience: Duration
    private(set) var lastHeard: ContinuousClock.Instant

    init(interval: Duration, now: ContinuousClock.Instant) {
        patience = max(interval * 2, .seconds(1))
        lastHeard = now
    }

    mutating func heard(at now: ContinuousClock.Instant) {
        lastHeard = now
    }

    /// When to look next, or nil when it has been silent for too long.
    func nextLook(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let end = lastHeard + patience
        return now >= end ? nil : end
    }
}
