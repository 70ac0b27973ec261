import CLinux
import Glibc

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
        let pidfd = FileDescriptor(adopting: try call { cn_pidfd_open(pid) })
        return try ChildProcess(pid: pid, descriptor: pidfd, on: loop)
    }

    private static func check(_ status: CInt) throws(Errno) {
        if status != 0 { throw Errno(status) }
    }

    /// Waits for the end and clears it away; to be called once. Throws `CancellationError` only, and then the child lives on.
    package func wait() async throws -> ExitStatus {
        while true {
            var info = siginfo_t()
            if waitid(idtype_t(3) /* P_PIDFD */, id_t(descriptor.raw), &info, WEXITED | WNOHANG) == 0,
                cn_child_pid(&info) != 0
            {
                return cn_exited(&info) != 0 ? .exited(cn_exit_status(&info)) : .signalled(cn_exit_status(&info))
            }
            _ = try await readiness.wait(for: .read)
        }
    }

    /// Signals the child's whole process group; a child that has ended is not an error.
    package func signal(_ number: CInt) {
        _ = kill(-pid, number)
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
