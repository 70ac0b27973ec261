import Glibc
import LinuxIO

/// A terminal that stands for a serial line: what a test says there is read by who opens `path` (pty(7)).
final class SerialLine: Sendable {
    let path: String
    private let end: FileDescriptor

    /// Requests of ioctl_tty(2) that Swift does not see: `TIOCGPTN`, `TIOCSPTLCK`.
    private static let number: UInt = 0x8004_5430
    private static let lock: UInt = 0x4004_5431

    init() throws {
        end = try FileDescriptor(opening: "/dev/ptmx", flags: O_RDWR | O_NOCTTY | O_NONBLOCK)
        let raw = end.raw
        var (number, unlocked): (CInt, CInt) = (0, 0)
        try call { ioctl(raw, Self.number, &number) }
        try call { ioctl(raw, Self.lock, &unlocked) }
        let path = "/dev/pts/\(number)"
        self.path = path
        var settings = termios()
        try call { tcgetattr(raw, &settings) }
        cfmakeraw(&settings)
        try call { tcsetattr(raw, TCSANOW, &settings) }
        // gpsd is root no more by the time it opens it.
        try call { chmod(path, 0o666) }
        // The kernel tells that nobody has it open only once somebody had.
        _ = try FileDescriptor(opening: path, flags: O_RDWR | O_NOCTTY)
    }

    /// Whether somebody has it open.
    var isOpen: Bool {
        var state = pollfd(fd: end.raw, events: 0, revents: 0)
        return poll(&state, 1, 0) >= 0 && state.revents & Int16(POLLHUP) == 0
    }

    /// What finds no room is lost, as on a line; so is what the other end says.
    func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(end.raw, bytes, bytes.count)
        tcflush(end.raw, TCIFLUSH)
    }
}
