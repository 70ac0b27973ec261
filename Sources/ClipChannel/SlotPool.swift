import NodeMedia
import Synchronization

/// The slots of one kind that are free. The one that was given back last goes first, so that memory that is not needed is
/// never touched.
final class SlotPool: Sendable {
    private struct State {
        var free: [Int]
        var failure: ClipError?
        var lastNumber = 0
        var waiters: [(number: Int, continuation: CheckedContinuation<Result<Int, ClipError>, Never>)] = []
    }

    let count: Int
    private let state: Mutex<State>

    init(_ count: Int) {
        self.count = count
        state = Mutex(State(free: Array((0..<count).reversed())))
    }

    /// Whether the other process has any of them.
    var isComplete: Bool { state.withLock { $0.free.count == count } }

    func take() -> Int? {
        state.withLock { $0.failure == nil ? $0.free.popLast() : nil }
    }

    /// Waits for one, in the order of asking.
    func next() async throws(ClipError) -> Int {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let result: Result<Int, ClipError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Result<Int, ClipError>? = state.withLock { state in
                    if let failure = state.failure { return .failure(failure) }
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if Task.isCancelled { return .failure(.cancelled) }
                    if let slot = state.free.popLast() { return .success(slot) }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }

    /// False for one that there is not, or that was free already.
    func giveBack(_ slot: Int) -> Bool {
        let (isOurs, waiter) = state.withLock { state in
            guard (0..<count).contains(slot), !state.free.contains(slot) else { return (false, nil as Waiter?) }
            if !state.waiters.isEmpty { return (true, state.waiters.removeFirst().continuation) }
            state.free.append(slot)
            return (true, nil)
        }
        waiter?.resume(returning: .success(slot))
        return isOurs
    }

    private typealias Waiter = CheckedContinuation<Result<Int, ClipError>, Never>

    /// From now on there are none, for that reason. The first one counts.
    func fail(_ error: ClipError) {
        let waiters = state.withLock { state in
            state.failure = state.failure ?? error
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(error)) }
    }
}
