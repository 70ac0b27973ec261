import LinuxIO

/// Tells a silent gateway from a quiet one (openclaw-gateway §1.3): it ticks, so two ticks' silence is one too many. Less than
/// a second is no silence, whatever a gateway says of its ticks.
struct TickWatchdog: Sendable {
    let patience: Duration
    private(set) var lastHeard: ContinuousClock.Instant
    private var bytesUnderWay = 0

    init(interval: Duration, now: ContinuousClock.Instant) {
        patience = max(interval * 2, .seconds(1))
        lastHeard = now
    }

    mutating func heard(at now: ContinuousClock.Instant) {
        lastHeard = now
    }

    /// Of a message that is still coming in, `bytes` are here. On a slow line a large one takes longer than two ticks, and
    /// what comes behind it waits.
    mutating func progressed(to bytes: Int, at now: ContinuousClock.Instant) {
        if bytes > 0, bytes != bytesUnderWay { heard(at: now) }
        bytesUnderWay = bytes
    }

    /// When to look next, or nil when it has been silent for too long.
    func nextLook(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let end = lastHeard + patience
        return now >= end ? nil : end
    }
}
