import Glibc
import LinuxIO

/// A pseudo terminal of a test's own (pty(7)): what is said at `end` is read by who opens `path`, and the other way round.
package final class PseudoTerminal: Sendable {
    package let end: FileDescriptor
    package let path: String

    /// Requests of ioctl_tty(2) that Swift does not see: `TIOCGPTN`, `TIOCSPTLCK`.
    private static let number: UInt = 0x8004_5430
    private static let lock: UInt = 0x4004_5431

    package init() throws {
        end = try FileDescriptor(opening: "/dev/ptmx", flags: O_RDWR | O_NOCTTY | O_NONBLOCK)
        let raw = end.raw
        var (number, unlocked): (CInt, CInt) = (0, 0)
        try call { ioctl(raw, Self.number, &number) }
        try call { ioctl(raw, Self.lock, &unlocked) }
        path = "/dev/pts/\(number)"
    }
}
