import Glibc
import LinuxIO
import Testing

/// A file system of its own for a daemon's state, which nobody else sees (unshare(1)).
enum PrivateMount {
    private static let program = "/usr/bin/unshare"
    private static let namespace = geteuid() == 0 ? ["--mount"] : ["--mount", "--map-root-user"]

    /// Root is believed to be allowed to, so that its tests fail rather than be left out; for others it is tried.
    static let isAllowed: Bool = geteuid() == 0 || canMount()

    static let need: Comment = "needs root, or unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone)"

    /// Starts the daemon with a tmpfs of these mount options.
    static func start(_ stage: Stage, stateOn options: String) throws -> ChildProcess {
        try StateFile.makeDirectory(stage.scratch.file("state"))
        let script = "mount -t tmpfs -o \(options) tmpfs \(stage.scratch.file("state")) && exec \"$0\" \"$@\""
        return try stage.start(
            namespace + ["sh", "-c", script, Stage.program, "run", "--gateway", stage.gateway.url], program: program)
    }

    private static func canMount() -> Bool {
        let words = [program] + namespace + ["mount", "-t", "tmpfs", "tmpfs", "/tmp"]
        var pointers = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var process: pid_t = 0
        var status: CInt = 0
        return posix_spawn(&process, program, nil, nil, &pointers, environ) == 0
            && waitpid(process, &status, 0) == process && status == 0
    }
}
