import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

@Suite struct PairingTests {
    /// Approves as an operator would, by the ids that the node and the gateway name.
    func pair(_ stage: Stage) async throws -> NodeView {
        var events = stage.gateway.events.reader()
        let pairing = try await events.first { event -> PairingQueue.Request? in
            if case .pairingRequested(let request) = event { request } else { nil }
        }
        try await stage.status { $0.contains("openclaw devices approve \(pairing.id)") }
        #expect(stage.log.contains("openclaw devices approve \(pairing.id)"))
        let waiting = try await stage.ask("status")
        #expect(waiting.status == .exited(0) && waiting.answer.contains("waiting-for-approval"))
        let line = "do, where the gateway runs: openclaw devices approve \(pairing.id)\n"
        #expect(waiting.answer.contains(line), "\(waiting.answer)")
        _ = try await stage.gateway.approveDevice(pairing.id)
        var hellos = stage.gateway.events.reader()
        let node = try await stage.hello(&hellos)
        let request = try #require(node.surfaceRequest)
        #expect(await stage.gateway.invoke("device.info").isSuccess == false)
        // The node is never told that request's id.
        try await stage.status { $0.contains("\"surface-approval\"") }
        #expect(try await stage.ask("status").answer.contains("openclaw nodes approve REQUEST-ID\n"))
        #expect(await stage.gateway.approveSurface(request))
        return node
    }

    @Test(
        "a node is paired, its commands are approved, and it comes back on its own token",
        arguments: Stage.Wire.allCases)
    func pairing(_ wire: Stage.Wire) async throws {
        var options = PracticeOptions(release: .newest)
        options.authentication = .token("the-shared-token")
        options.allowedCommands = Stage.everything
        try await Stage.run(over: wire, options) { stage in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("the-shared-token\n".utf8), durable: false)
            let first = try await stage.withDaemon(["--token-file", token]) { _ in
                let node = try await pair(stage)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                #expect(node.credential == .token)
                #expect(node.proof == .v3)
                return node.id
            }
            var events = stage.gateway.events.readerFromNow()
            try await stage.withDaemon { _ in
                let node = try await stage.hello(&events)
                #expect(node.id == first)
                #expect(node.credential == .deviceToken)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
            #expect(!stage.log.contains("the-shared-token"))
        }
    }

    @Test("a rejected request is followed by another, and who looks is told that there was one") func rejected()
        async throws
    {
        var options = Stage.open()
        options.approvesDevices = false
        try await Stage.run(options) { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                func asked() async throws -> String {
                    try await events.first { if case .pairingRequested(let request) = $0 { request.id } else { nil } }
                }
                let first = try await asked()
                try await stage.status { $0.contains("openclaw devices approve \(first)") }
                #expect(!(try await stage.ask("status").answer.contains("a request before this one")))
                try await stage.gateway.rejectDevice(first)
                let second = try await asked()
                try await stage.status { $0.contains("openclaw devices approve \(second)") }
                let told = try await stage.ask("status").answer
                #expect(told.contains("; a request before this one was rejected, or has expired\n"), "\(told)")
                #expect(stage.log.contains("openclaw devices approve \(second)"))
                _ = try await stage.gateway.approveDevice(second)
                _ = try await stage.hello(&events)
            }
        }
    }

    @Test("only the pinned certificate gets the request; another one gets not a byte of it, and is named")
    func wrongPin() async throws {
        try await Stage.run { stage in
            let witness = try TLSWitness(on: stage.loop)
            let url = "wss://127.0.0.1:\(witness.port)"
            func testimony(pin: String, isDistrusted: Bool) async throws -> TLSWitness.Testimony {
                let daemon = try stage.start(["run", "--gateway", url, "--tls-fingerprint", pin])
                let testimony = try await witness.hear()
                try await stage.status { $0.contains("\"certificate\"") == isDistrusted }
                daemon.signal(SIGTERM)
                #expect(try await daemon.wait() == .exited(0))
                return testimony
            }
            // So this witness hears what is said.
            let right = try await testimony(pin: witness.fingerprint, isDistrusted: false)
            #expect(right.request.hasPrefix("GET / HTTP/1.1\r\n"))
            #expect(right.records.contains(.applicationData))
            let wrong = try await testimony(pin: String(repeating: "ab", count: 32), isDistrusted: true)
            #expect(wrong.request.isEmpty && wrong.records == [.handshake])
        }
    }

    @Test("refused credentials end no daemon, and are named") func wrongToken() async throws {
        var options = Stage.open()
        options.authentication = .token("right")
        try await Stage.run(options) { stage in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("wrong".utf8), durable: false)
            try await stage.withDaemon(["--token-file", token]) { _ in
                let status = try await stage.status { $0.contains("\"credentials\"") }
                #expect(status.contains("clawnode join"))
            }
        }
    }

    @Test("a daemon that has joined nothing waits, and serves as soon as something is joined") func joining()
        async throws
    {
        try await Stage.run { stage in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            let idle = try await stage.ask("status").answer
            #expect(idle.hasPrefix("not-joined  clawnode ") && idle.contains("do: clawnode join wss://"), "\(idle)")
            var events = stage.gateway.events.reader()
            let join = try await stage.ask("join", stage.gateway.url)
            #expect(join.status == .exited(0))
            #expect(join.answer == "connected to \(stage.gateway.url)\n")
            _ = try await stage.hello(&events)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("two daemons do not share a state directory") func second() async throws {
        try await Stage.run { stage in
            try await stage.withDaemon { _ in
                try await stage.status { $0.contains("\"connected\"") }
                #expect(try await stage.ask("run", "--gateway", stage.gateway.url).status == .exited(73))
                #expect(try await stage.ask("status").answer.contains("connected"))
            }
            #expect(try await stage.ask("status").status == .exited(69))
        }
    }
}
