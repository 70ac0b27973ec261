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

    /// What `look` finds once it finds something; nil when it has not in twenty seconds.
    static func comes<R>(on loop: EventLoop, _ look: () throws -> R?) async throws -> R? {
        let deadline = loop.now + .seconds(20)
        while loop.now < deadline {
            if let found = try look() { return found }
            try await loop.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// What `body` gives; `programs` end with it.
    static func whileThere<R>(
        _ programs: [ChildProcess], on loop: EventLoop, _ body: () async throws -> R
    ) async throws -> R {
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await end(programs, on: loop)
        return try result.get()
    }

    /// Also in a task that is cancelled.
    static func end(_ programs: [ChildProcess], on loop: EventLoop) async {
        await Task {
            for program in programs {
                // A server that is killed leaves its socket behind. How it ends makes no difference.
                program.signal(SIGTERM)
                _ = await loop.within(.seconds(2)) { try? await program.wait() }
                await program.end()
            }
        }.value
    }
}
