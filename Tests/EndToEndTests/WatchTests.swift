import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import PracticeGateway
import Testing

/// `clawnode status --watch`.
@Suite struct WatchTests {
    @Test("on a terminal, status --watch draws over what it has drawn, and changes nothing else of it") func redraw()
        async throws
    {
        try await Stage.run { stage in
            let watcher = try await stage.withDaemon { _ in
                try await stage.status { $0.contains("\"connected\"") }
                // It says nothing of its size.
                let command = ([Stage.program, "status", "--watch"] + stage.files).joined(separator: " ")
                let script = "TERM=xterm NO_COLOR=1 exec script -qfec \"$0\" /dev/null </dev/null"
                let watcher = try HeardProgram("/bin/sh", ["-c", script, command], on: stage.loop)
                try await watcher.hear("invocations  0\r\n")
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                try await watcher.hear("invocations  1: 1 ok\r\n")
                return watcher
            }
            try await watcher.hear("no daemon runs")
            #expect(try await watcher.process.wait() == .exited(69))
            let screens = watcher.heard.split(separator: "\u{1B}[H\u{1B}[J")
            #expect(screens.count >= 2 && screens.allSatisfy { $0.contains("clawnode ") && !$0.contains("\u{1B}") })
        }
    }

    @Test("in a terminal without room for a line, status --watch shows the state alone") func tinyTerminal()
        async throws
    {
        try await Stage.run { stage in
            try await stage.withDaemon { _ in
                try await stage.status { $0.contains("\"connected\"") }
                let command = ([Stage.program, "status", "--watch"] + stage.files).joined(separator: " ")
                let script = "TERM=xterm exec script -qfec \"stty rows 1 cols 9; exec $0\" /dev/null </dev/null"
                let watcher = try HeardProgram("/bin/sh", ["-c", script, command], on: stage.loop)
                try await watcher.hear("\u{1B}[H\u{1B}[Jconnected")
                watcher.process.signal(SIGTERM)
            }
        }
    }

    @Test("status --watch ends when nobody reads it any more") func lostReader() async throws {
        try await Stage.run { stage in
            try await stage.withDaemon { _ in
                try await stage.status { $0.contains("\"connected\"") }
                // Nothing changes after the first block.
                let words = ["-c", "\"$0\" \"$@\" | head -n 1", Stage.program, "status", "--watch"]
                let watcher = try HeardProgram(words, program: "/bin/sh", on: stage)
                try await watcher.hearEnd()
                #expect(watcher.heard == "connected  clawnode \(nodeVersion)\n")
            }
        }
    }

    @Test("status --watch tells each change, and ends with the daemon") func watch() async throws {
        try await Stage.run { stage in
            let watcher = try await stage.withDaemon { _ in
                try await stage.status { $0.contains("\"connected\"") }
                let watcher = try HeardProgram(["status", "--watch", "--json"], on: stage)
                try await watcher.hear("\"total\":0")
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                try await watcher.hear("\"total\":1")
                return watcher
            }
            try await watcher.hear("no daemon runs")
            #expect(try await watcher.process.wait() == .exited(69))
        }
    }
}
