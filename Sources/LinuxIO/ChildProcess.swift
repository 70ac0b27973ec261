import CLinux
import Glibc
import Synchronization

/// How a child ended.
package enum ExitStatus: Equatable, Sendable {
    case exited(CInt)
    case signalled(CInt)
}

/// A child in a process group of its own that inherits just the descriptors it is given.
package final class ChildProcess: Sendable {
    package let pid: pid_t
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    /// Once cleared away, the number may be somebody else's.
    private let status = Mutex<ExitStatus?>(nil)

    private init(pid: pid_t, descriptor: consuming FileDescriptor, on loop: EventLoop) throws(Errno) {
        self.pid = pid
        readiness = try Readiness(descriptor.raw, on: loop)
        self.descriptor = descriptor
    }

    deinit { readiness.cancel() }

    /// Starts `path`. `descriptors` maps ours to the child's numbers; 0, 1 and 2 are inherited unless mapped, all others are
    /// closed. Signals start with their default dispositions and unblocked.
    package static func spawn(
        _ path: String, arguments: [String], environment: [String: String]? = nil,
        descriptors: [(CInt, as: CInt)] = [], on loop: EventLoop
    ) throws(Errno) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        // Copies above every target number first, or one mapping could overwrite what another still needs.
        let top = (descriptors.map(\.as).max() ?? 2) + 1
        var copies: [CInt] = []
        defer { for copy in copies { _ = close(copy) } }
        for mapping in descriptors {
            let copy = try call { cn_duplicate(mapping.0, top) }
            copies.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, mapping.as)
        }
        try check(cn_close_from(&actions, top))
        // Numbers between the standard three and the highest target that nobody asked for.
        for number in 3..<max(3, top) where !descriptors.contains(where: { $0.as == number }) {
            posix_spawn_file_actions_addclose(&actions, number)
        }

        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid = pid_t()
        let status = withCStrings([path] + arguments) { argv in
            guard let environment else { return posix_spawn(&pid, path, &actions, &attributes, argv, environ) }
            return withCStrings(environment.map { "\($0)=\($1)" }) {
                posix_spawn(&pid, path, &actions, &attributes, argv, $0)
            }
        }
        try check(status)
        do throws(Errno) {
            let pidfd = FileDescriptor(adopting: try call { cn_pidfd_open(pid) })
            return try ChildProcess(pid: pid, descriptor: pidfd, on: loop)
        } catch {
            // Out of descriptors: nobody could ever wait for this child, so it must not stay.
            kill(-pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw error
        }
    }

    private static func check(_ status: CInt) throws(Errno) {
        if status != 0 { throw Errno(status) }
    }

    /// Waits for the end and clears it away; one task at a time. Throws `CancellationError`, and then the child lives on, or
    /// `Errno` (`ECHILD`) in a program that ignores `SIGCHLD`.
    package func wait() async throws -> ExitStatus {
        while true {
            if let status = try collect() { return status }
            _ = try await readiness.wait(for: .read)
        }
    }

    private func collect() throws(Errno) -> ExitStatus? {
        let outcome = status.withLock { status -> Result<ExitStatus?, Errno> in
            if let status { return .success(status) }
            var info = siginfo_t()
            do throws(Errno) {
                try call { waitid(idtype_t(3) /* P_PIDFD */, id_t(descriptor.raw), &info, WEXITED | WNOHANG) }
            } catch { return .failure(error) }
            guard cn_child_pid(&info) != 0 else { return .success(nil) }
            status = cn_exited(&info) != 0 ? .exited(cn_exit_status(&info)) : .signalled(cn_exit_status(&info))
            return .success(status)
        }
        return try outcome.get()
    }

    /// Kills the whole process group and clears the child away, in a cancelled task too. Nil when the kernel has kept it for a
    /// second, as it does while a driver hangs; then it is nobody's any more.
    @discardableResult
    package func end() async -> ExitStatus? {
        signal(SIGKILL)
        return await onOwnThread("reap") { [self] in
            var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
            poll(&entry, 1, 1_000)
            // Whatever keeps its end from us, there is nothing more to be done about it.
            return try? collect()
        }
    }

    /// Signals the child's whole process group; a child that has ended is not an error.
    package func signal(_ number: CInt) {
        status.withLock { status in
            if status == nil { kill(-pid, number) }
        }
    }
}

private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var list = copies + [nil]
    return list.withUnsafeMutableBufferPointer { body($0.baseAddress!) }  // never empty: it ends with nil
}
