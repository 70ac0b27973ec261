import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing

/// The built program at GoClaw gateways, of which it is told nothing but where they are.
@Suite struct GoClawTests {
    /// Runs `body` on a stage beside a gateway of this family.
    private func run(
        _ family: GoClawFamily, _ change: @escaping @Sendable (inout GoClawOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (Stage, GoClawGateway) async throws -> Void
    ) async throws {
        try await Stage.run { stage in
            var options = GoClawOptions(family)
            change(&options)
            try stage.configure(dialect: "auto")
            let gateway = try GoClawGateway(options, on: stage.loop)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask { try await body(stage, gateway) }
                try await group.next()
                group.cancelAll()
            }
            #expect(gateway.violations.isEmpty)
        }
    }

    private func withDaemon(
        _ stage: Stage, _ words: [String], _ body: () async throws -> Void
    ) async throws {
        let daemon = try stage.start(["run"] + words)
        do {
            try await body()
            daemon.signal(15)
            #expect(try await daemon.wait() == .exited(0), "\(stage.log)")
        } catch {
            daemon.signal(9)
            throw error
        }
    }

    @Test("the pairing code is in the status, in the log and in what doctor says; approved, it is connected")
    func pairing() async throws {
        try await run(.core) { stage, gateway in
            var seen = gateway.events.reader()
            try await withDaemon(stage, ["--gateway", gateway.url, "--log-level", "debug"]) {
                let request = try await seen.first {
                    if case .pairingRequested(let request) = $0 { request } else { nil }
                }
                let line = "goclaw pairing approve \(request.code)"
                try await stage.status { $0.contains(line) }
                let status = try await stage.ask("status").answer
                #expect(status.contains("waiting-for-approval"), "\(status)")
                #expect(status.contains("do, where the gateway runs: \(line)\n"), "\(status)")
                #expect(stage.log.contains(line))
                let doctor = try await stage.ask("doctor").answer
                #expect(doctor.contains(line), "\(doctor)")
                #expect(doctor.contains("lets us speak first"), "\(doctor)")
                // Everybody hears of everybody's pairing.
                await gateway.push([
                    "type": "event", "event": "device.pair.requested",
                    "payload": ["code": "ZZZZ9999", "sender_id": "somebody-else", "channel": "browser"],
                ])
                try await gateway.approve(request.code)
                try await stage.status { $0.contains("\"connected\"") && $0.contains("\"goclaw\"") }
                let after = try await stage.ask("status").answer
                #expect(after.contains("(GoClaw v3.12.0, protocol 3)"), "\(after)")
                #expect(after.contains("device approved"), "\(after)")
                #expect(!stage.log.contains(request.senderID))
                #expect(!stage.log.contains("ZZZZ9999") && !stage.log.contains("somebody-else"))
            }
        }
    }

    @Test(
        "where all places are taken, join, status and doctor say what helps at such a gateway, and nothing that does not"
    )
    func quota() async throws {
        try await run(.core) { stage, gateway in
            await gateway.fillQuota()
            try await withDaemon(stage, []) {
                try await stage.status { $0.contains("\"not-joined\"") }
                let join = try HeardProgram(["join", gateway.url], on: stage)
                try await join.hear("three others wait")
                let line = "do, where the gateway runs: goclaw pairing list"
                try await join.hear(line)
                #expect(!join.heard.contains("openclaw"), "\(join.heard)")
                let status = try await stage.ask("status").answer
                #expect(status.contains(line) && status.contains("(GoClaw)"), "\(status)")
                #expect(!status.contains("openclaw"), "\(status)")
                let doctor = try await stage.ask("doctor").answer
                #expect(doctor.contains("lets us speak first"), "\(doctor)")
                #expect(doctor.contains("a GoClaw gateway has no list of commands"), "\(doctor)")
                #expect(!doctor.contains("openclaw "), "\(doctor)")
                join.process.signal(2)
                _ = try await join.process.wait()
                #expect(!stage.log.contains("openclaw "), "\(stage.log)")
            }
        }
    }

    /// A daemon whose gateway has gone while it waited for its pairing, and where that was.
    private func orphan(_ stage: Stage) async throws -> (daemon: ChildProcess, port: UInt16) {
        let gateway = try GoClawGateway(GoClawOptions(.core), on: stage.loop)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await gateway.run() }
            let daemon = try stage.start(["run", "--gateway", gateway.url])
            try await stage.status { $0.contains("goclaw pairing approve") }
            group.cancelAll()
            return (daemon, gateway.port)
        }
    }

    @Test("a gateway that is gone is asked after in its own words, before it has let anybody in") func gone()
        async throws
    {
        try await Stage.run { stage in
            try stage.configure(dialect: "auto")
            let (daemon, port) = try await orphan(stage)
            try await stage.status { $0.contains("\(port)/health") }
            let status = try await stage.ask("status").answer
            #expect(!status.contains("openclaw"), "\(status)")
            let doctor = try await stage.ask("doctor").answer
            #expect(doctor.contains("\(port)/health") && !doctor.contains("openclaw "), "\(doctor)")
            daemon.signal(15)
            #expect(try await daemon.wait() == .exited(0), "\(stage.log)")
        }
    }

    @Test("what join is told the gateway speaks is kept, shown, and spoken at once", arguments: ["goclaw", "auto"])
    func dialect(_ dialect: String) async throws {
        try await run(.core) { stage, gateway in
            try StateFile.write(stage.scratch.file("clawnode.json"), Array("{}".utf8), durable: false)
            try await withDaemon(stage, []) {
                try await stage.status { $0.contains("\"not-joined\"") }
                #expect(
                    try await stage.ask("join", gateway.url, "--dialect", dialect, "--no-wait").status == .exited(0))
                let record = try JSONReader.read(try StateFile.read(stage.scratch.file("state/gateway.json")))
                #expect(record["dialect"]?.string == (dialect == "auto" ? nil : dialect))
                try await stage.status { $0.contains("goclaw pairing approve") }
                #expect(try await stage.ask("status").answer.contains("\(gateway.url) (GoClaw)"))
                let asked = gateway.events.all.contains { if case .healthAsked = $0 { true } else { false } }
                #expect(asked == (dialect == "auto"))
            }
            let wrong = try await stage.ask("join", gateway.url, "--dialect", "goklaw", "--no-wait")
            #expect(wrong.status == .exited(64), "\(stage.log)")
            let link = await stage.gateway.issueJoinLink()
            #expect(try await stage.ask("join", link, "--dialect", dialect, "--no-wait").status == .exited(64))
            // It was not used up for nothing.
            #expect(try await stage.ask("join", link, "--no-wait").status == .exited(0), "\(stage.log)")
        }
    }

    @Test("an OpenClaw gateway that takes longer to greet than its silence is waited for is known by its health")
    func lateGreeting() async throws {
        try await Stage.run { stage in
            try stage.configure(dialect: "auto")
            let greeting = OneShot()
            stage.gateway.faults.greeting = greeting
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                try await events.first { if case .healthAsked = $0 { () } else { nil } }
                greeting.fire()
                _ = try await stage.hello(&events)
                // Whatever else it had said before would have been noted by the gateway.
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a picture that is being taken when the connection goes is there on the next one") func crossing()
        async throws
    {
        try await run(.nodeHost) { stage, gateway in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("gateway-token\n".utf8), durable: false)
            var events = gateway.events.reader()
            try await withDaemon(stage, ["--gateway", gateway.url, "--token-file", token]) {
                try await stage.status { $0.contains("\"connected\"") }
                async let reply = gateway.invoke("camera.snap", params: #"{"delayMs": 3000}"#)
                try await events.first { if case .admitted = $0 { () } else { nil } }
                #expect(await gateway.invoke("device.info")?["ok"] == true)
                await gateway.dropAll()
                let payload = try JSONReader.read(Array((await reply?["payloadJSON"]?.string ?? "").utf8))
                #expect(payload["format"] == "jpg", "\(stage.log)")
            }
        }
    }

    @Test("a picture goes to a gateway with nodes through the worker, small enough for a frame")
    func picture() async throws {
        try await run(.nodeHost) { stage, gateway in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("gateway-token\n".utf8), durable: false)
            try await withDaemon(stage, ["--gateway", gateway.url, "--token-file", token]) {
                try await stage.status { $0.contains("\"connected\"") }
                let reply = await gateway.invoke("camera.snap", params: #"{"maxWidth": 1280}"#)
                let payload = try JSONReader.read(Array((reply?["payloadJSON"]?.string ?? "").utf8))
                #expect(payload["format"] == "jpg", "\(stage.log)")
                let base64 = payload["base64"]?.string ?? ""
                #expect(base64.count > 1000)
            }
        }
    }

    @Test("a compute node is let in with its key, trusted, and its pictures are put where the gateway keeps media")
    func computeNode() async throws {
        let key = "gnk_" + String(repeating: "0123456789abcdef", count: 4)
        try await run(.computeNode, { $0.nodeKeys["n-1"] = key }) { stage, gateway in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("gateway-token\n".utf8), durable: false)
            let file = stage.scratch.file("key")
            try StateFile.write(file, Array("\(key)\n".utf8), durable: false)
            await gateway.setTrust(.trusted, of: "n-1")
            let words = ["--gateway", gateway.url, "--token-file", token, "--goclaw-node-key-file", file]
            try await withDaemon(stage, words) {
                try await stage.status { $0.contains("\"connected\"") }
                let info = await gateway.invoke("device.info")
                #expect(info?["exitCode"] == 0, "\(stage.log)")
                let reply = await gateway.invoke("camera.snap", params: #"{"maxWidth": 1280, "quality": 1}"#)
                let output = try JSONReader.read(Array((reply?["stdout"]?.string ?? "").utf8))
                #expect(output["uploaded"] == true && output["width"] == 1280, "\(output)")
                #expect(gateway.events.all.contains { if case .uploaded = $0 { true } else { false } })
                #expect(!stage.log.contains("gnk_"))
            }
        }
    }

    @Test("doctor knows a GoClaw gateway by its health, before anybody has been there") func doctorFirst() async throws
    {
        try await run(.core) { stage, gateway in
            #expect(try await stage.ask("join", gateway.url, "--no-wait").status == .exited(0))
            let doctor = try await stage.ask("doctor").answer
            #expect(doctor.contains("lets us speak first"), "\(doctor)")
            #expect(!doctor.contains("openclaw gateway status"), "\(doctor)")
            #expect(gateway.events.all.allSatisfy { if case .pairingRequested = $0 { false } else { true } })
        }
    }

    @Test("a gateway that no node can serve is named")
    func foreign() async throws {
        try await run(.jsonRPC) { stage, gateway in
            try await withDaemon(stage, ["--gateway", gateway.url]) {
                try await stage.status { $0.contains("speaks JSON-RPC") }
                // What would have to stand in an OpenClaw gateway's configuration is nothing to it.
                #expect(try await !stage.ask("status").answer.contains("configuration allows"))
                #expect(try await !stage.ask("doctor").answer.contains("allow:"))
            }
        }
    }
}
