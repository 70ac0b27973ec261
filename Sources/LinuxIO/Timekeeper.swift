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

extension Timekeeper {
    /// What `body` gives, or nil when `limit` passed first; `body` is cancelled then and waited for.
    package func within<R: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async -> R) async -> R? {
        await withTaskGroup(of: R?.self) { group in
            group.addTask { await body() }
            group.addTask {
                // Cancelled when the work was first, and then nobody looks at this.
                try? await sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
