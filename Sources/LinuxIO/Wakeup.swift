import CLinux
import Glibc

/// Lets another thread end a blocking wait: a `poll` on a descriptor and this one's eventfd.
package final class Wakeup: Sendable {
    package enum Outcome: Sendable, Equatable {
        case readable, signalled, timedOut
    }

    private let event: FileDescriptor

    package init() throws(Errno) {
        event = FileDescriptor(adopting: try call { eventfd(0, O_CLOEXEC | O_NONBLOCK) })
    }

    package var descriptor: CInt { event.raw }

    package func signal() {
        var one: UInt64 = 1
        // A full counter is a signal that nobody has seen yet.
        _ = Glibc.write(event.raw, &one, 8)
    }

    package func reset() {
        var count: UInt64 = 0
        // Nothing to read is what is wanted.
        _ = Glibc.read(event.raw, &count, 8)
    }

    /// Blocks the calling thread until `descriptor` is readable or broken, a signal came, or `deadline` has passed.
    /// A signal stays until `reset()`, and wins.
    package func waitUntilReadable(_ descriptor: CInt, deadline: ContinuousClock.Instant?) throws(Errno) -> Outcome {
        while true {
            var watched = [
                pollfd(fd: event.raw, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = try call { poll(&watched, 2, Self.milliseconds(until: deadline)) }
            if watched[0].revents != 0 { return .signalled }
            if watched[1].revents != 0 { return .readable }
            if count == 0, let deadline, ContinuousClock.now >= deadline { return .timedOut }
        }
    }

    /// Rounded up, so that the wait is never over before the deadline is.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> CInt {
        guard let deadline else { return -1 }
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return 0 }
        return CInt(min(Double(CInt.max), (left / .milliseconds(1)).rounded(.up)))
    }
}
