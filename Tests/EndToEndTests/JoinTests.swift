import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import PracticeGateway
import Testing

@Suite struct JoinTests {
    /// A gateway that wants a token, and a file with `text`.
    func stage(_ text: String, _ body: @escaping @Sendable (Stage, String) async throws -> Void) async throws {
        var options = Stage.open()
        options.authentication = .token("right")
        try await Stage.run(options) { stage in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array(text.utf8), durable: false)
            try await body(stage, token)
        }
    }

    @Test("a link that is none ends with 65 and the way it should look", arguments: ["not!a!link", "wss://", "x://y"])
    func badLink(text: String) async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode("join", text)
            #expect(end.code == 65 && end.talk.contains("wss://"))
            #expect(!prompt.scratch.names.contains("state"))
        }
    }

    @Test("a damaged gateway.json is not replaced") func damaged() async throws {
        try await Prompt.run { prompt in
            try StateFile.makeDirectory(prompt.scratch.file("state"))
            _ = try prompt.write("{\"url\":", to: "state/gateway.json")
            #expect(try await prompt.clawnode("join", "ws://127.0.0.1:1").code == 78)
            #expect(try prompt.read("state/gateway.json") == "{\"url\":")
        }
    }

    @Test("without a daemon, join says how one is started") func noDaemon() async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode("join", "ws://127.0.0.1:1")
            #expect(end.code == 0 && end.talk.contains("clawnode run"))
        }
    }

    @Test("who joins the same gateway again with a pin need not tell the token again") func pinLater() async throws {
        try await Prompt.run { prompt in
            let url = "wss://127.0.0.1:1"
            let pin = String(repeating: "ab", count: 32)
            let token = try prompt.write("right", to: "token")
            #expect(try await prompt.clawnode("join", url, "--token-file", token, "--no-wait").code == 0)
            #expect(try await prompt.clawnode("join", url, "--tls-fingerprint", pin, "--no-wait").code == 0)
            let record = try prompt.read("state/gateway.json")
            #expect(record.contains("\"right\"") && record.contains(pin))
            #expect(try await prompt.clawnode("join", "wss://127.0.0.1:2", "--no-wait").code == 0)
            #expect(try !prompt.read("state/gateway.json").contains("right"))
        }
    }

    @Test("what join switches on is on for good, beside what else the owner configured") func enable() async throws {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"displayName\": \"workshop\"}", to: "clawnode.json")
            #expect(try await prompt.clawnode("join", "ws://127.0.0.1:1", "--no-wait", "--enable", "camera").code == 0)
            #expect(try await prompt.clawnode("commands").answer.contains("camera.snap         on"))
            #expect(try prompt.read("clawnode.json") == "{\"displayName\": \"workshop\"}")
            _ = try prompt.write("{\"capabilities\": {\"camera\": false}}", to: "config.d/z.json")
            let overruled = try await prompt.clawnode("join", "ws://127.0.0.1:1", "--no-wait", "--enable", "camera")
            #expect(overruled.code == 78 && overruled.talk.contains("camera stays off"))
        }
    }

    @Test("what is switched on while a daemon runs is on after the restart that join asks for, and join waits for that")
    func enableLater() async throws {
        try await Stage.run { stage in
            try stage.configure("{\"camera\": {\"pattern\": true}}")
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            #expect(try await stage.ask("join", stage.gateway.url).status == .exited(0))
            #expect(await stage.gateway.nodes.map(\.declared.commands) == [["device.info"]])

            let hasty = try await stage.ask("join", stage.gateway.url, "--enable", "camera", "--no-wait")
            #expect(hasty.status == .exited(0) && stage.log.contains("Restart it: kill \(daemon.pid)"))
            let join = try HeardProgram(["join", stage.gateway.url, "--enable", "camera"], on: stage)
            // It is switched on already; this daemon still does not know.
            try await join.hear("Restart it: kill \(daemon.pid)")
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))

            var events = stage.gateway.events.readerFromNow()
            let restarted = try stage.start(["run"])
            #expect(try await stage.hello(&events).declared.commands.contains("camera.snap"))
            try await join.hear("connected to \(stage.gateway.url)\n")
            #expect(try await join.process.wait() == .exited(0))
            restarted.signal(SIGTERM)
            #expect(try await restarted.wait() == .exited(0))
        }
    }

    @Test("join tells the operator's part of both approvals, each with its line, and ends with the connection")
    func approvals() async throws {
        var options = PracticeOptions(release: .newest)
        options.allowedCommands = Stage.everything
        try await Stage.run(options) { stage in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            var events = stage.gateway.events.reader()
            let join = try HeardProgram(["join", stage.gateway.url], on: stage)
            let pairing = try await events.first { event -> PairingQueue.Request? in
                if case .pairingRequested(let request) = event { request } else { nil }
            }
            try await join.hear("do: openclaw devices approve \(pairing.id)\n")
            _ = try await stage.gateway.approveDevice(pairing.id)
            try await join.hear("connected to \(stage.gateway.url)\n")
            #expect(try await join.process.wait() == .exited(0))
            #expect(join.heard.contains("do: openclaw nodes pending, then openclaw nodes approve REQUEST-ID\n"))
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("a token that is refused for good ends with 77 and what to do") func refused() async throws {
        try await stage("wrong") { stage, token in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            let join = try await stage.ask("join", stage.gateway.url, "--token-file", token)
            #expect(join.status == .exited(77))
            #expect(join.answer.isEmpty && stage.log.contains("--token-file FILE"))

            // The daemon has read the old token: its verdict is not about the right one.
            try StateFile.write(token, Array("right".utf8), durable: false)
            let second = try HeardProgram(["join", stage.gateway.url, "--token-file", token], on: stage)
            try await second.hear("Restart it: kill \(daemon.pid)")
            #expect(try await stage.ask("leave").status == .exited(73))
            #expect(stage.log.contains("stop it first: kill \(daemon.pid)\n"))
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
            let restarted = try stage.start(["run"])
            try await second.hear("connected to \(stage.gateway.url)")
            #expect(try await second.process.wait() == .exited(0))
            restarted.signal(SIGTERM)
            #expect(try await restarted.wait() == .exited(0))
        }
    }

    @Test("who joins the same gateway with another scheme need not tell its token again") func scheme() async throws {
        try await Stage.run { stage in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("hush".utf8), durable: false)
            func joined() throws -> String {
                String(decoding: try StateFile.read(stage.scratch.file("state/gateway.json")), as: UTF8.self)
            }
            _ = try await stage.ask("join", "ws://127.0.0.1:1", "--token-file", token, "--no-wait")
            #expect(try joined().contains("hush"))
            _ = try await stage.ask("join", "wss://127.0.0.1:1", "--no-wait")
            #expect(try joined().contains("hush") && joined().contains("wss:"))
            // Another's token is no business of this one.
            _ = try await stage.ask("join", "wss://127.0.0.1:2", "--no-wait")
            #expect(try !joined().contains("hush"))
        }
    }

    @Test("a certificate that is not the pinned one ends with 76") func wrongPin() async throws {
        var options = Stage.open()
        options.certificate = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
        try await Stage.run(options) { stage in
            let pin = String(repeating: "ab", count: 32)
            let join = try await stage.ask("join", stage.gateway.url, "--tls-fingerprint", pin, "--foreground")
            #expect(join.status == .exited(76))
        }
    }

    @Test("a gateway that speaks TLS where it was named with ws:// ends with 76 and the right name") func needsTLS()
        async throws
    {
        try await Stage.run(over: .tls) { stage in
            let plain = "ws://127.0.0.1:\(stage.gateway.port)"
            let join = try await stage.ask("join", plain, "--foreground")
            #expect(join.status == .exited(76))
            #expect(stage.log.contains("no connection to \(plain): connection lost"))
            #expect(stage.log.contains("do: clawnode join wss://127.0.0.1:\(stage.gateway.port)\n"))
        }
    }

    @Test("a gateway that speaks plain HTTP where it was named with wss:// ends with 76 and the right name")
    func needsNoTLS() async throws {
        try await Stage.run { stage in
            let peers = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers"
            let words = ["NODE_PATH=/usr/share/nodejs", "/usr/bin/node", peers + "/ws_server.js"]
            let server = try HeardProgram("/usr/bin/env", words, on: stage.loop)
            defer { server.process.signal(SIGKILL) }
            try await server.hear("\n")
            let authority = "127.0.0.1:" + server.heard.prefix { !$0.isNewline }
            let join = try await stage.ask("join", "wss://\(authority)", "--foreground")
            #expect(join.status == .exited(76))
            #expect(stage.log.contains("no connection to wss://\(authority): TLS failed: wrong version number"))
            #expect(stage.log.contains("do: clawnode join ws://\(authority)\n"))
        }
    }

    @Test("in the foreground, join is the daemon until it is connected, and what it learned stays") func foreground()
        async throws
    {
        try await stage("right") { stage, token in
            var events = stage.gateway.events.reader()
            let join = try await stage.ask("join", stage.gateway.url, "--token-file", token, "--foreground")
            #expect(join.status == .exited(0))
            #expect(join.answer == "connected to \(stage.gateway.url)\n")
            #expect(try await stage.hello(&events).credential == .token)
            let daemon = try stage.start(["run"])
            #expect(try await stage.hello(&events).credential == .deviceToken)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

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
