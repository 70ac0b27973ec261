import Glibc
import LinuxIO

/// A program that the demo starts beside itself.
enum Companion {
    /// `output` and `log` are files. However the demo ends, what it started is not left behind: the kernel sees to that
    /// (PR_SET_PDEATHSIG), and setpriv(1), which every Debian has, asks it to before it becomes the program.
    static func start(_ words: [String], output: String, log: String, on loop: EventLoop) throws(Errno) -> ChildProcess
    {
        let out = try FileDescriptor(opening: output, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let log = try FileDescriptor(opening: log, flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        return try ChildProcess.spawn(
            "/usr/bin/setpriv", arguments: ["--pdeathsig", "TERM"] + words,
            descriptors: [(out.raw, as: STDOUT_FILENO), (log.raw, as: STDERR_FILENO)], on: loop)
    }
}
