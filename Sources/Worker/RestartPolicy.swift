/// Whether a worker may be started again: one that keeps failing as soon as it runs is not started at every call.
struct RestartPolicy: Sendable {
    /// One that lived longer than this was not broken from the start.
    private static let quick = Duration.seconds(10)
    private static let patience = 3
    private static let pause = Duration.seconds(5)

    private var quickFailures = 0
    private var notBefore: ContinuousClock.Instant?
    private(set) var failures = 0

    func mayStart(at now: ContinuousClock.Instant) -> Bool {
        notBefore.map { now >= $0 } ?? true
    }

    mutating func answered() {
        quickFailures = 0
    }

    mutating func failed(after life: Duration, at now: ContinuousClock.Instant) {
        failures += 1
        quickFailures = life < Self.quick ? quickFailures + 1 : 0
        notBefore = quickFailures >= Self.patience ? now + Self.pause : nil
    }
}
