import LinuxIO

/// A turn that ends when nobody holds this any more: neither who has asked nor a thread that has been given up.
final class HeldTurn: Sendable {
    private let turn: Turn

    /// Throws `CancellationError` only.
    init(taking turn: Turn) async throws {
        try await turn.take()
        self.turn = turn
    }

    deinit { turn.leave() }

    /// Runs what may hang on a thread that keeps the turn until it ends; nil as soon as the task is cancelled.
    func onThread<R: Sendable>(_ name: String, _ body: @escaping @Sendable () -> R) async -> R? {
        await onAbandonableThread(name) { withExtendedLifetime(self) { body() } }
    }
}
