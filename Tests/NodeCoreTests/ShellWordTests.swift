import LinuxIO
import NodeTesting
import Testing

@testable import NodeCore

@Suite struct ShellWordTests {
    @Test(
        "what means nothing to a shell stays as it is",
        arguments: ["wss://gw.example:18789/a/b", "/var/lib/clawnode", "a@b,c+d=e%20", "bücher.example"])
    func plain(text: String) {
        #expect(text.shellWord == text)
    }

    @Test(
        "all else arrives at a program as it was",
        arguments: [
            "", "a b", "a;reboot", "$(reboot)", "`reboot`", "a&b|c>d<e", "it's", "''", #"\"\\"#, "*?[a]~!#",
            "wss://[::1]:1/?t",
        ])
    func quoted(text: String) async throws {
        try await onEventLoop { loop in
            let script = "test \"$#\" = 1 && test \"$1\" = \"$WORD\""
            let child = try ChildProcess.spawn(
                "/bin/sh", arguments: ["-c", "set -- \(text.shellWord); " + script], environment: ["WORD": text],
                on: loop)
            #expect(try await child.wait() == .exited(0), "\(text.shellWord)")
        }
    }
}
