import NodeCore
import Synchronization

/// Where one reply arrives for one waiter.
final class Mailbox: Sendable {
    private let reply = Mutex<Reply?>(nil)
    private let arrived = OneShot()

    /// The first one counts.
    func put(_ value: Reply) {
        reply.withLock { $0 = $0 ?? value }
        arrived.fire()
    }

    /// Throws `CancellationError` only.
    func take() async throws -> Reply {
        try await arrived.fired()
        return reply.withLock { $0 } ?? .refused(.cancelled)
    }
}
