import CLinux
import Synchronization

/// What one descriptor is ready for, told edge by edge by an event loop: try the call first, wait only after `EAGAIN`.
///
/// One task may wait for reading and another for writing; two that wait for the same direction are a programming error.
package final class Readiness: Sendable {
    package struct Interest: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let read = Interest(rawValue: 1)
        package static let write = Interest(rawValue: 2)
    }

    private struct Waiter {
        let number: UInt64
        let interest: Interest
        let continuation: CheckedContinuation<Interest, any Error>
    }

    private struct State {
        var ready: Interest = []
        var waiters: [Waiter] = []
        var lastNumber: UInt64 = 0
        var token: UInt64?
    }

    private let descriptor: CInt
    private let loop: EventLoop
    private let state = Mutex(State())

    /// Watches `descriptor`, which stays its owner's; `cancel()` comes before it is closed.
    package init(_ descriptor: CInt, on loop: EventLoop) throws(Errno) {
        self.descriptor = descriptor
        self.loop = loop
        let token = try loop.register(self, descriptor)
        state.withLock { $0.token = token }
    }

    /// Waits until one of `interest` became ready since it was last told; tells and forgets which.
    ///
    /// A hang-up or an error is readiness for both: the next call says what it was. Throws `CancellationError` only.
    package func wait(for interest: Interest) async throws -> Interest {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Interest, any Error>? = state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if Task.isCancelled || state.token == nil { return .failure(CancellationError()) }
                    let told = state.ready.intersection(interest)
                    state.ready.subtract(told)
                    if !told.isEmpty { return .success(told) }
                    precondition(
                        state.waiters.allSatisfy { $0.interest.isDisjoint(with: interest) },
                        "two tasks wait for the same direction of one descriptor")
                    state.waiters.append(Waiter(number: number, interest: interest, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Ends the watch; whoever waits gets a `CancellationError`.
    package func cancel() {
        let (token, waiters) = state.withLock { state in
            defer {
                state.token = nil
                state.waiters = []
            }
            return (state.token, state.waiters)
        }
        if let token { loop.deregister(token, descriptor) }
        for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
    }

    /// Whether the watch is over, by `cancel()`.
    package var isCancelled: Bool { state.withLock { $0.token == nil } }

    func became(_ events: UInt32) {
        var now: Interest = []
        let broken = events & (CN_EPOLLHUP | CN_EPOLLERR) != 0
        if broken || events & (CN_EPOLLIN | CN_EPOLLRDHUP) != 0 { now.insert(.read) }
        if broken || events & CN_EPOLLOUT != 0 { now.insert(.write) }
        let woken = state.withLock { state in
            state.ready.formUnion(now)
            var woken: [(Waiter, Interest)] = []
            state.waiters.removeAll { waiter in
                let told = state.ready.intersection(waiter.interest)
                guard !told.isEmpty else { return false }
                woken.append((waiter, told))
                return true
            }
            for (_, told) in woken { state.ready.subtract(told) }
            return woken
        }
        for (waiter, told) in woken { waiter.continuation.resume(returning: told) }
    }
}
