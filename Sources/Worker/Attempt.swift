import NodeCore
import Synchronization

/// One invocation with one worker, waiting for its end.
final class Attempt: Sendable {
    enum Outcome: Sendable {
        case answered(Reply)
        /// The worker went before it had looked at the invocation, so that it may be given to another one; how it went, if
        /// it should not have.
        case notBegun(Refusal?)
    }

    /// The worker's number.
    let worker: Int
    private let outcome = Mutex<Outcome?>(nil)
    private let isOver = OneShot()

    init(with worker: Int) {
        self.worker = worker
    }

    /// The first one counts.
    func end(_ value: Outcome) {
        outcome.withLock { $0 = $0 ?? value }
        isOver.fire()
    }

    /// Throws `CancellationError` only.
    func ended() async throws -> Outcome {
        try await isOver.fired()
        // It fires after an outcome is there.
        return outcome.withLock { $0 } ?? .notBegun(nil)
    }
}
