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

    @Test("who joins the same gateway again with a pin need not tell the token again, and later not the pin either")
    func pinLater() async throws {
        try await Prompt.run { prompt in
            let url = "wss://127.0.0.1:1"
            let pin = String(repeating: "ab", count: 32)
            let token = try prompt.write("right", to: "token")
            #expect(try await prompt.clawnode("join", url, "--token-file", token, "--no-wait").code == 0)
            #expect(try await prompt.clawnode("join", url, "--tls-fingerprint", pin, "--no-wait").code == 0)
            let record = try prompt.read("state/gateway.json")
            #expect(record.contains("\"right\"") && record.contains(pin))
            let again = try await prompt.clawnode("join", url, "--enable", "camera", "--no-wait")
            #expect(again.code == 0 && again.talk.contains("trusts only the certificate \(pin)\n"))
            #expect(try prompt.read("state/gateway.json") == record)
            // Nor the pin for another token.
            #expect(try await prompt.clawnode("join", url, "--token-file", token, "--no-wait").code == 0)
            #expect(try prompt.read("state/gateway.json").contains(pin))
            #expect(try await prompt.clawnode("join", "wss://127.0.0.1:2", "--no-wait").code == 0)
            #expect(try !prompt.read("state/gateway.json").contains("right"))
            #expect(try !prompt.read("state/gateway.json").contains(pin))
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

    @Test("what is switched on while a daemon runs is on at once, and what is under way is answered before")
    func enableLater() async throws {
        try await Stage.run { stage in
            try stage.configure("{\"camera\": {\"pattern\": true}}")
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            #expect(try await stage.ask("join", stage.gateway.url).status == .exited(0))
            let device = ["device.info", "device.status", "device.health", "device.permissions"]
            #expect(await stage.gateway.nodes.map(\.declared.commands) == [device])
            let first = await stage.gateway.nodes.map(\.connection)

            // The same again changes nothing.
            #expect(try await stage.ask("join", stage.gateway.url).status == .exited(0))
            #expect(await stage.gateway.nodes.map(\.connection) == first)

            #expect(try await stage.ask("join", stage.gateway.url, "--enable", "camera").status == .exited(0))
            #expect(await stage.gateway.nodes.allSatisfy { $0.declared.commands.contains("camera.snap") })
            #expect(await stage.gateway.nodes.map(\.connection) != first)
            async let picture = stage.gateway.invoke("camera.snap", params: "{\"delayMs\": 1000}")
            try await stage.status { stage.worker(in: $0) != nil }
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("another".utf8), durable: false)
            #expect(try await stage.ask("join", stage.gateway.url, "--token-file", token).status == .exited(0))
            #expect(await picture.isSuccess)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
            #expect(!stage.log.contains("Restart it"))
        }
    }

    @Test("a daemon that serves one gateway goes to the next one that is joined, and back, with what each has given it")
    func another() async throws {
        try await Stage.run { stage in
            var options = Stage.open()
            options.authentication = .token("other's")
            let other = try PracticeGateway(options, on: stage.loop)
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("other's".utf8), durable: false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await other.run() }
                let daemon = try stage.start(["run"])
                try await stage.status { $0.contains("\"not-joined\"") }
                #expect(try await stage.ask("join", stage.gateway.url).answer == "connected to \(stage.gateway.url)\n")
                let there = try await stage.ask("join", other.url, "--token-file", token)
                #expect(there.answer == "connected to \(other.url)\n")
                #expect(await stage.gateway.nodes.isEmpty)
                #expect(await other.invoke("device.info").isSuccess)
                var events = stage.gateway.events.readerFromNow()
                #expect(try await stage.ask("join", stage.gateway.url).status == .exited(0))
                #expect(try await stage.hello(&events).credential == .deviceToken)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                daemon.signal(SIGTERM)
                #expect(try await daemon.wait() == .exited(0))
                group.cancelAll()
            }
        }
    }

    @Test("who joins while the daemon waits for a gateway that is not there does not wait with it") func whileWaiting()
        async throws
    {
        try await Stage.run { stage in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            #expect(try await stage.ask("join", "ws://127.0.0.1:1", "--no-wait").status == .exited(0))
            try await stage.status { $0.contains("gateway-unreachable") }
            #expect(try await stage.ask("join", stage.gateway.url).status == .exited(0))
            // Whatever is written there else is heeded no more than before.
            _ = try StateFile.write(stage.scratch.file("state/gateway.json"), Array("{".utf8), durable: false)
            _ = try StateFile.write(stage.scratch.file("state/other"), [], durable: false)
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
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
            try await join.hear("do, where the gateway runs: openclaw devices approve \(pairing.id)\n")
            _ = try await stage.gateway.approveDevice(pairing.id)
            try await join.hear("connected to \(stage.gateway.url)\n")
            #expect(try await join.process.wait() == .exited(0))
            #expect(
                join.heard.contains(
                    "do, where the gateway runs: openclaw nodes pending, then openclaw nodes approve REQUEST-ID\n"))
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

            // Its verdict on the old token says nothing of the right one.
            try StateFile.write(token, Array("right".utf8), durable: false)
            #expect(try await stage.ask("join", stage.gateway.url, "--token-file", token).status == .exited(0))
            #expect(try await stage.ask("leave").status == .exited(73))
            #expect(stage.log.contains("stop it first: kill \(daemon.pid)\n"))
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
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
}
