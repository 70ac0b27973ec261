import Glibc
import LinuxIO

/// A terminal that stands for a serial line: what a test says there is read by who opens `path`.
final class SerialLine: Sendable {
    var path: String { terminal.path }
    private let terminal: PseudoTerminal

    init() throws {
        terminal = try PseudoTerminal()
        let raw = terminal.end.raw
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
        var state = pollfd(fd: terminal.end.raw, events: 0, revents: 0)
        return poll(&state, 1, 0) >= 0 && state.revents & Int16(POLLHUP) == 0
    }

    /// What finds no room is lost, as on a line; so is what the other end says.
    func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(terminal.end.raw, bytes, bytes.count)
        tcflush(terminal.end.raw, TCIFLUSH)
    }
}
