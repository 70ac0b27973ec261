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
        let words = try words(
            mounting: options, at: stage.scratch.file("state"), then: "exec \"$0\" \"$@\"",
            [Stage.program, "run", "--gateway", stage.gateway.url])
        return try stage.start(Array(words.dropFirst()), program: words[0])
    }

    /// The command line of a shell that mounts such a tmpfs and then obeys `script`, with these words as its `$0`, `$1` ….
    static func words(
        mounting options: String, at folder: String, then script: String, _ arguments: [String]
    ) throws -> [String] {
        try StateFile.makeDirectory(folder)
        return [program] + namespace
            + ["sh", "-c", "mount -t tmpfs -o \(options) tmpfs \(folder) && { \(script); }"] + arguments
    }

    /// Lets the daemon write no more to what is in `folder`, as it is with a disk that fails, or lets it again.
    static func set(writable: Bool, _ folder: String, of daemon: ChildProcess, on stage: Stage) async throws {
        // What is open for writing keeps a file system from becoming read-only; a view of it can be.
        let script = writable ? "umount --lazy \"$0\"" : "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\""
        let user = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        let child = try ChildProcess.spawn(
            "/usr/bin/nsenter",
            arguments: ["--target", "\(daemon.pid)", "--mount"] + user + ["sh", "-c", script, folder], on: stage.loop)
        #expect(try await child.wait() == .exited(0))
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
