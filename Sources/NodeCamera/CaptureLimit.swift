import Synchronization

/// Against a gateway gone mad: so many pictures a second, and no more than a second's worth at once.
final class CaptureLimit: Sendable {
    private struct Allowance {
        var left: Double
        var countedAt: ContinuousClock.Instant?
    }

    private let perSecond: Double
    private let allowance: Mutex<Allowance>

    init(perSecond: Double) {
        self.perSecond = perSecond
        allowance = Mutex(Allowance(left: max(1, perSecond)))
    }

    /// Counts a picture, or refuses it.
    func admit(at now: ContinuousClock.Instant) throws(CameraError) {
        let isAdmitted = allowance.withLock { allowance in
            let passed = allowance.countedAt.map { $0.duration(to: now) / .seconds(1) } ?? 0
            allowance.left = min(allowance.left + passed * perSecond, max(1, perSecond))
            allowance.countedAt = now
            guard allowance.left >= 1 else { return false }
            allowance.left -= 1
            return true
        }
        if !isAdmitted { throw .tooOften(perSecond: perSecond) }
    }
}
