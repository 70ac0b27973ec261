import Glibc
import LinuxIO
import Testing

/// Real shells with what Packaging/completions has for them.
@Suite struct ShellTests {
    static let begun = #"clawnode invoke camera.snap '{"dev"#
    static let whole = #"clawnode invoke camera.snap '{"deviceId":"front door"}' "#

    static let lines: [(typed: String, completed: String)] = [
        ("clawnode in", "clawnode invoke "), ("clawnode invoke camera.s", "clawnode invoke camera.snap "),
        ("clawnode run --st", "clawnode run --state-dir "),
        ("clawnode run --log-level w", "clawnode run --log-level warning "),
        ("clawnode run --log-level=in", "clawnode run --log-level=info "),
        ("clawnode pause c", "clawnode pause camera "), (begun, whole),
        (#"clawnode invoke camera.snap '{"deviceId":"fr"#, whole),
        ("clawnode config check here/is-", "clawnode config check here/is-it "),
        ("clawnode run --state-dir her", "clawnode run --state-dir here/"),
    ]

    static let typist =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/typist.py"

    @Test(
        "a shell completes subcommands, options, their values, commands, cameras and files when the tabulator is pressed",
        arguments: ["bash", "zsh", "fish"])
    func completes(shell: String) async throws {
        try await Prompt.run { prompt in
            let door = #"{"camera": {"pattern": true, "aliases": {"front door": {"device": "pattern"}}}}"#
            _ = try prompt.write(door, to: "clawnode.json")
            try StateFile.makeDirectory(prompt.scratch.file("here"))
            _ = try prompt.write("", to: "here/is-it")
            // fish has no quotation marks of its own, and backslashes instead.
            let lines = Self.lines + (shell == "fish" ? [] : [("clawnode invoke camera.snap ", Self.whole)])
            let program = String(Stage.program.dropLast("/clawnode".count))
            let usual = EnvironmentVariables.current()["PATH"] ?? ""
            let end = try await prompt.run(
                "/usr/bin/env", ["-C", prompt.scratch.path, "python3", Self.typist, shell] + lines.map(\.typed),
                variables: ["PATH": program + ":" + usual, "LC_ALL": "C.UTF-8"])
            #expect(end.code == 0, "\(end.talk)")
            let completed = end.answer.split(separator: "\n").map(String.init)
            #expect(completed == lines.map(\.completed))
        }
    }
}
