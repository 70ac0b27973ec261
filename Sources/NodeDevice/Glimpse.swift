import LinuxIO
import Synchronization

/// A look at what may hang in the kernel, as a dead mount or a driver can: on a thread of its own, and for a limited time.
final class Glimpse<Sight: Sendable>: Sendable {
    /// So many threads may hang in it, and no more: what is asked every minute must not use them all up.
    private static var most: Int { 4 }

    private let name: String
    private let limit: Duration
    private let looking = Mutex(0)
    private let look: @Sendable () -> Sight

    init(_ name: String, within limit: Duration = .seconds(3), _ look: @escaping @Sendable () -> Sight) {
        self.name = name
        self.limit = limit
        self.look = look
    }

    /// Nil when it takes too long, or earlier ones still hang.
    func take(_ timekeeper: any Timekeeper) async -> Sight? {
        let sight = await timekeeper.within(limit) { [self] () -> Sight? in
            await onAbandonableThread(name) { self.looked() } ?? nil
        }
        return sight ?? nil
    }

    private func looked() -> Sight? {
        let mayLook = looking.withLock { looking in
            guard looking < Self.most else { return false }
            looking += 1
            return true
        }
        guard mayLook else { return nil }
        defer { looking.withLock { $0 -= 1 } }
        return look()
    }
}
