import LinuxIO
import NodeRuntime
import NodeTesting
import Testing

@testable import clawnode

@Suite struct CompletionTests {
    /// What may follow `words`, the last of which is being typed.
    func candidates(_ words: [String]) async throws -> Candidates {
        try await onEventLoop { loop in
            let nowhere = Surroundings(variables: ["PATH": "", "CLAWNODE_CONFIG": "/nonexistent"], isRoot: true)
            return await Completion(words).candidates(
                Main.subcommands, Program(loop: loop, surroundings: nowhere))
        }
    }

    func texts(_ words: [String]) async throws -> [String] {
        guard case .texts(let texts) = try await candidates(words) else { return ["(files)"] }
        return texts.map(\.text)
    }

    @Test(
        "what fits is offered, and nothing else",
        arguments: [
            (["inv"], ["invoke"]), (["he"], ["help"]), (["nosuch", ""], []), (["run", "--state"], ["--state-dir"]),
            (["run", "--log-level", "in"], ["info"]), (["run", "--log-level=in"], ["--log-level=info"]),
            (["run", "--log-level", "=", "in"], ["info"]),
            (["run", "--log-format", "="], ["text", "json", "journal"]),
            (["run", "--tls", "--tl"], ["--tls-fingerprint"]),
            (["run", "--enable", "camera,d"], ["camera,device"]), (["run", "--enable=dev"], ["--enable=device"]),
            (["run", "--commands", "camera.list,camera.s"], ["camera.list,camera.snap"]),
            (["run", "--gateway", ""], []), (["invoke", "camera.s"], ["camera.snap"]),
            (["invoke", "--enable", "camera", "device.i"], ["device.info"]), (["invoke", "device.info", ""], []),
            (["pause", ""], ["camera", "microphone", "location", "notify", "screen"]), (["resume", "c"], ["camera"]),
            (["pause", "'ca"], ["camera"]),
            (["config", ""], ["check"]), (["join", ""], []), (["comp"], []), (["man"], []),
        ] as [([String], [String])])
    func texts(words: [String], expected: [String]) async throws {
        #expect(try await texts(words) == expected)
    }

    @Test("a subcommand is offered with what it does, unless it is only for programs") func subcommands() async throws {
        guard case .texts(let texts) = try await candidates([""]) else { throw CancellationError() }
        let shown = Main.subcommands.filter { !$0.isHidden }
        #expect(texts.dropLast() == shown.map { Candidate($0.name, $0.summary) }[...])
        #expect(shown.count < Main.subcommands.count)
    }

    @Test("files and directories are the shell's to find") func files() async throws {
        #expect(try await candidates(["invoke", "camera.snap", "--save", "x"]) == .files)
        #expect(try await candidates(["run", "--config="]) == .files)
        #expect(try await candidates(["config", "check", ""]) == .files)
        #expect(try await candidates(["status", "--state-dir", "/v"]) == .directories)
    }

    @Test("every option of every subcommand is offered, and --help") func options() async throws {
        for subcommand in Main.subcommands {
            let all = try await texts([subcommand.name, "-"])
            #expect(Set(all) == Set((subcommand.options + Option.common).map(\.name) + ["--help"]))
        }
    }
}
