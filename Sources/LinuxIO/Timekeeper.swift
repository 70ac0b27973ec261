/// Time as the daemon sees it: it goes on while the machine sleeps, and tests can hold it still.
package protocol Timekeeper: Sendable {
    var now: ContinuousClock.Instant { get }

    /// Returns at `deadline`, or throws `CancellationError` at once when the task is cancelled; nothing of the wait stays behind.
    func sleep(until deadline: ContinuousClock.Instant) async throws
}

extension Timekeeper {
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now + duration)
    }
}
