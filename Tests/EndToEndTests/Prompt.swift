import Glibc
import LinuxIO
import NodeTesting

/// `clawnode` as a person or a script calls it: words in, exit code and two texts out, in a scratch folder of its own.
struct Prompt: Sendable {
    struct Ending: Sendable {
        let code: Int32
        let answer: String
        let talk: String
    }

    let scratch: ScratchFolder
    let loop: EventLoop

    static func run(_ body: @escaping @Sendable (Prompt) async throws -> Void) async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in try await body(Prompt(scratch: scratch, loop: loop)) }
    }

    func write(_ text: String, to name: String) throws -> String {
        try StateFile.write(scratch.file(name), Array(text.utf8), durable: false)
        return scratch.file(name)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try StateFile.read(scratch.file(name), limit: 1 << 24), as: UTF8.self)
    }

    /// With the scratch folder's configuration and directories, and nothing of the machine's own.
    func clawnode(_ words: String..., input: String = "", variables: [String: String] = [:]) async throws -> Ending {
        try await clawnode(words, input: input, variables: variables)
    }

    func clawnode(
        _ words: [String], input: String = "", variables: [String: String] = [:]
    ) async throws -> Ending {
        try await run(Stage.program, words, input: input, variables: variables)
    }

    /// Another program in the same place: in the scratch folder, with what `clawnode` would have from it.
    func run(
        _ program: String, _ words: [String], input: String = "", variables: [String: String] = [:]
    ) async throws -> Ending {
        let home = ["HOME": scratch.path, "XDG_CONFIG_HOME": scratch.file("config")]
        if access(scratch.file("clawnode.json"), F_OK) != 0 { _ = try write("{}", to: "clawnode.json") }
        let own = [
            "CLAWNODE_CONFIG": scratch.file("clawnode.json"), "STATE_DIRECTORY": scratch.file("state"),
            "RUNTIME_DIRECTORY": scratch.file("run"),
        ]
        let stdin = try FileDescriptor(opening: try write(input, to: "stdin"), flags: O_RDONLY)
        let out = try FileDescriptor(opening: scratch.file("out"), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let talk = try FileDescriptor(opening: scratch.file("talk"), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let child = try ChildProcess.spawn(
            program, arguments: words, environment: home.merging(own) { $1 }.merging(variables) { $1 },
            descriptors: [(stdin.raw, as: 0), (out.raw, as: 1), (talk.raw, as: 2)], on: loop)
        guard case .exited(let code) = try await end(of: child) else { throw Killed(words: words) }
        return Ending(code: code, answer: try read("out"), talk: try read("talk"))
    }

    /// What does not end by itself is killed, and with it what it started, so that its test fails rather than the whole run.
    private func end(of child: ChildProcess) async throws -> LinuxIO.ExitStatus? {
        defer { child.signal(SIGKILL) }
        return try await withThrowingTaskGroup(of: LinuxIO.ExitStatus?.self) { group in
            group.addTask { try await child.wait() }
            group.addTask { [loop] in
                try await loop.sleep(for: .seconds(60))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    struct Killed: Error {
        let words: [String]
    }
}
