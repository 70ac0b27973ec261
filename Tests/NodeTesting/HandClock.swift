import LinuxIO
import Synchronization

/// Time that stands still until a test moves it. Sleepers are told at once when their deadline has come.
package final class HandClock: Timekeeper {
    private struct State {
        var now: ContinuousClock.Instant
        var lastNumber = 0
        var sleepers: [Int: (deadline: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] =
            [:]
        var watchers: [(isMet: Wish, continuation: CheckedContinuation<Void, Never>)] = []

        var deadlines: [ContinuousClock.Instant] { sleepers.values.map(\.deadline) }
    }

    private typealias Wish = @Sendable (_ deadlines: [ContinuousClock.Instant]) -> Bool

    private let state = Mutex(State(now: .now))

    package init() {}

    package var now: ContinuousClock.Instant { state.withLock { $0.now } }

    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Returns once `count` tasks sleep, so that a test moves the time only when somebody waits for it.
    package func sleepers(_ count: Int) async {
        await deadlines { $0.count >= count }
    }

    /// Returns once a task sleeps until that time and none until an earlier one.
    package func sleeper(until deadline: ContinuousClock.Instant) async {
        await deadlines { $0.min() == deadline }
    }

    /// Returns once a task sleeps until exactly that time, whoever else sleeps.
    package func sleeper(at deadline: ContinuousClock.Instant) async {
        await deadlines { $0.contains(deadline) }
    }

    /// Returns once a task sleeps until that time or an earlier one.
    package func sleeper(before deadline: ContinuousClock.Instant) async {
        await deadlines { $0.contains { $0 <= deadline } }
    }

    private func deadlines(_ isMet: @escaping Wish) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if isMet(state.deadlines) { return true }
                state.watchers.append((isMet, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    package func sleep(until deadline: ContinuousClock.Instant) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                var watchers: [CheckedContinuation<Void, Never>] = []
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[number] = (deadline, continuation)
                    let deadlines = state.deadlines
                    watchers = state.watchers.filter { $0.isMet(deadlines) }.map(\.continuation)
                    state.watchers.removeAll { $0.isMet(deadlines) }
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
