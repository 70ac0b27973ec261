import Glibc
import LinuxIO
import NodeCore

/// The answer goes to stdout, the talk to stderr.
enum Output {
    static func answer(_ text: String) {
        write(STDOUT_FILENO, Array((text + "\n").utf8))
    }

    static func answer<T: Encodable>(json value: T) throws {
        write(STDOUT_FILENO, try JSON.encode(value) + [UInt8(ascii: "\n")])
    }

    static func answer(bytes: [UInt8]) {
        write(STDOUT_FILENO, bytes + [UInt8(ascii: "\n")])
    }

    /// Without an end of line: control sequences for a terminal, and what is between them.
    static func draw(_ text: String) {
        write(STDOUT_FILENO, Array(text.utf8))
    }

    /// Returns once nobody reads stdout any more, where that can be known: of a pipe or a socket.
    static func lostReader(on loop: EventLoop) async throws {
        guard let readiness = try? Readiness(STDOUT_FILENO, on: loop) else {
            // A file has no reader that could go.
            return try await OneShot().fired()
        }
        defer { readiness.cancel() }
        var look = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        while poll(&look, 1, 0) == 0 { _ = try await readiness.wait(for: .read) }
    }

    /// Without an end of line: what an answer is typed behind, or what is drawn over.
    static func ask(_ text: String) {
        write(STDERR_FILENO, Array(text.utf8))
    }

    static func talk(_ text: String) {
        write(STDERR_FILENO, Array((text + "\n").utf8))
    }

    private static func write(_ descriptor: CInt, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR {
                // A reader that has gone away, as `head` does, has heard enough.
                if errno == EPIPE || descriptor == STDERR_FILENO { return }
                talk("clawnode: the answer cannot be written: \(Errno.current)")
                exit(ExitCode.cannotWrite.rawValue)
            }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
