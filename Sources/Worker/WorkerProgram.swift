import Glibc
import LinuxIO
import NodeCore

/// A worker's executable and how it is started.
package struct WorkerProgram: Sendable {
    package var name: String
    package var arguments: [String]
    /// Everything that it finds in its environment.
    package var environment: [String: String]
    /// Whose process it is to be; nil for our own user's. Only root can give it to somebody else.
    package var owner: DirectoryOwner?
    /// Where it was looked for, in order.
    package let candidates: [String]

    /// Looked for beside the running program, so that a build directory works as it is, then where packages put it.
    /// `variables` are our own environment; those that are meant for nobody else stay here.
    package init(name: String, arguments: [String] = [], variables: [String: String]) {
        self.name = name
        self.arguments = arguments
        environment = variables.filter { !Self.isPrivate($0.key) }
        let installed = "/usr/libexec/clawnode/" + name
        candidates = OwnProgram.directory.map { [$0 + "/" + name, installed] } ?? [installed]
    }

    /// The first of the candidates that can be executed; else says why there is none.
    func find() throws(Refusal) -> String {
        if let path = candidates.first(where: { access($0, X_OK) == 0 }) { return path }
        if let path = candidates.first(where: { access($0, F_OK) == 0 }) {
            throw Refusal(
                .unavailable,
                "\(path) is there, and may not be executed by this node's user; on its machine: sudo chmod a+rx \(path.shellWord)"
            )
        }
        throw Refusal(
            .unavailable,
            "\(name) is not installed (looked for \(candidates.joined(separator: ", "))); "
                + "install its package: sudo apt install \(name)")
    }

    /// What the gateway's secrets come in, and what systemd tells one process of a service (systemd.exec(5)).
    private static func isPrivate(_ name: String) -> Bool {
        let directories = ["STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CREDENTIALS_DIRECTORY"]
        let prefixes = ["OPENCLAW_", "NOTIFY_", "WATCHDOG_", "LISTEN_"]
        return directories.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    /// Starts it with `channel` as its descriptor 3. It has no input, and what it prints goes where our log goes: our own
    /// output may be an answer. Throws `Errno`.
    package func start(_ path: String, channel: borrowing FileDescriptor, on loop: EventLoop) throws(Errno)
        -> ChildProcess
    {
        var words = [path] + arguments
        if let owner {
            // posix_spawn knows no users. It becomes what it starts, so that the process is the same.
            let list = owner.groups.sorted().map { "\($0)" }.joined(separator: ",")
            let groups = list.isEmpty ? "--clear-groups" : "--groups=" + list
            words = ["/usr/bin/setpriv", "--reuid=\(owner.user)", "--regid=\(owner.group)", groups, "--"] + words
        }
        let nothing = try FileDescriptor(opening: "/dev/null", flags: O_RDONLY)
        return try ChildProcess.spawn(
            words[0], arguments: Array(words.dropFirst()), environment: environment,
            descriptors: [(nothing.raw, as: STDIN_FILENO), (STDERR_FILENO, as: STDOUT_FILENO), (channel.raw, as: 3)],
            on: loop)
    }
}
