import Synchronization

/// What happened, in its order, kept for everybody who wants to wait for it: a reader that comes late misses nothing.
package final class EventFeed<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var lastNumber = 0
        var waiters: [Int: Waiter] = [:]
        var cancelledEarly: Set<Int> = []
    }

    private struct Waiter {
        let index: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let state = Mutex(State())

    package init() {}

    /// Everything so far.
    package var all: [Event] { state.withLock { $0.events } }

    package func emit(_ event: Event) {
        let woken = state.withLock { state in
            state.events.append(event)
            let woken = state.waiters.values.filter { $0.index == state.events.count - 1 }
            state.waiters = state.waiters.filter { $0.value.index >= state.events.count }
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Reads from the first event on.
    package func reader() -> Reader { Reader(feed: self, index: 0) }

    /// Reads only what happens from now on.
    package func readerFromNow() -> Reader { Reader(feed: self, index: state.withLock { $0.events.count }) }

    /// One reader's place in the feed.
    package struct Reader: Sendable {
        fileprivate let feed: EventFeed
        fileprivate var index: Int

        /// The next event; waits for it. Throws `CancellationError` only.
        package mutating func next() async throws -> Event {
            let event = try await feed.event(index)
            index += 1
            return event
        }

        /// The first event from here on that `pick` makes something of; those before it are passed over.
        package mutating func first<R>(_ pick: (Event) -> R?) async throws -> R {
            while true {
                if let found = pick(try await next()) { return found }
            }
        }
    }

    private func event(_ index: Int) async throws -> Event {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelledEarly.remove(number) != nil { return .failure(CancellationError()) }
                    if index < state.events.count { return .success(()) }
                    state.waiters[number] = Waiter(index: index, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: number)
                if waiter == nil { state.cancelledEarly.insert(number) }
                return waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
        // Not with the continuation: of one that is resumed before anybody waits, the thread sanitizer does not see the order in which the
        // runtime keeps the two threads.
        return state.withLock { $0.events[index] }
    }
}
