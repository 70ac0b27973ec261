import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite struct LoginTerminalsTests {
    /// Somebody's terminal: what is written to it comes out at its other end.
    private final class Terminal {
        /// As utmp has it.
        let line: String
        private let terminal: PseudoTerminal
        /// Held open, so that what is written stays until it is read.
        private let screen: FileDescriptor

        init(takesMessages: Bool) throws {
            let terminal = try PseudoTerminal()
            self.terminal = terminal
            line = String(terminal.path.dropFirst("/dev/".count))
            try call { chmod(terminal.path, takesMessages ? 0o620 : 0o600) }
            screen = try FileDescriptor(opening: terminal.path, flags: O_RDWR | O_NOCTTY)
        }

        /// What has come out by now.
        var text: String {
            var settings = pollfd(fd: terminal.end.raw, events: Int16(POLLIN), revents: 0)
            guard poll(&settings, 1, 0) == 1 else { return "" }
            var bytes = [UInt8](repeating: 0, count: 1024)
            return String(decoding: bytes[..<max(0, read(terminal.end.raw, &bytes, bytes.count))], as: UTF8.self)
        }
    }

    private static func record(_ line: String, type: CInt = CInt(USER_PROCESS), process: pid_t = getpid()) -> [UInt8] {
        var record = utmpx()
        record.ut_type = Int16(type)
        record.ut_pid = process
        withUnsafeMutableBytes(of: &record.ut_line) { $0.copyBytes(from: Array(line.utf8).prefix($0.count)) }
        return withUnsafeBytes(of: &record) { Array($0) }
    }

    /// A machine on which those are logged in, with the real devices.
    private func machine(_ utmp: [UInt8]) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try StateFile.makeDirectory(folder.file("run"))
        try StateFile.write(folder.file("run/utmp"), utmp, durable: false)
        try call { symlink("/dev", folder.file("dev")) }
        return folder
    }

    private func count(_ text: String, _ machine: ScratchFolder) -> Int {
        withExtendedLifetime(machine) { LoginTerminals.write(text, root: machine.path) }
    }

    @Test("who is logged in and takes messages gets them, each once") func written() throws {
        let (open, closed) = (try Terminal(takesMessages: true), try Terminal(takesMessages: false))
        let folder = try machine(
            Self.record(open.line) + Self.record(closed.line) + Self.record(open.line) + Self.record("pts/99999")
                + Self.record("../../etc/passwd") + Self.record("null") + Self.record(":0") + Self.record(""))
        #expect(count("hello\r\n", folder) == 1)
        #expect(open.text.contains("hello"))
        #expect(closed.text.isEmpty)
    }

    @Test("entries of the dead, and of no login, count for nobody") func stale() throws {
        let terminal = try Terminal(takesMessages: true)
        let folder = try machine(
            Self.record(terminal.line, type: CInt(DEAD_PROCESS)) + Self.record(terminal.line, process: 0)
                + Self.record(terminal.line, process: .max))
        #expect(count("hello", folder) == 0)
        #expect(terminal.text.isEmpty)
    }

    @Test("a machine without such a file, or with a damaged one, has nobody") func damaged() throws {
        let folder = try ScratchFolder()
        #expect(count("hello", folder) == 0)
        #expect(count("hello", try machine([1, 2, 3])) == 0)
        #expect(count("hello", try machine([])) == 0)
    }
}
