import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import PracticeGateway
import Testing

@Suite struct TroubleTests {
    /// The end of the next connection that a node had, in the order of `events`.
    private func ending(_ events: inout EventFeed<GatewayEvent>.Reader) async throws -> GatewayEvent.Ending {
        try await events.first { if case .closed(_, .some, let ending) = $0 { ending } else { nil } }
    }

    private static func options(overTLS: Bool) throws -> (PracticeOptions, words: [String]) {
        var options = Stage.open()
        guard overTLS else { return (options, []) }
        let certificate = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
        options.certificate = certificate
        return (options, ["--tls-fingerprint", certificate.fingerprint])
    }

    @Test("a gateway that falls silent is left with 4000 and found again", arguments: [false, true])
    func silent(overTLS: Bool) async throws {
        var (options, words) = try Self.options(overTLS: overTLS)
        options.tickInterval = .milliseconds(500)
        try await Stage.run(options) { [words] stage in
            try await stage.withDaemon(words) { _ in
                var events = stage.gateway.events.reader()
                _ = try await stage.hello(&events)
                stage.gateway.faults.sendsTicks = false
                guard case .byNode(let code, _) = try await ending(&events) else {
                    Issue.record("the node did not say that it leaves")
                    return
                }
                #expect(code == 4000)
                stage.gateway.faults.sendsTicks = true
                _ = try await stage.hello(&events)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("a reset in the middle of a message costs nothing but the connection", arguments: [false, true])
    func midFrame(overTLS: Bool) async throws {
        let (options, words) = try Self.options(overTLS: overTLS)
        try await Stage.run(options) { stage in
            try await stage.withDaemon(words) { _ in
                var events = stage.gateway.events.reader()
                let node = try await stage.hello(&events)
                let long = Array("{\"type\":\"event\",\"event\":\"".utf8) + [UInt8](repeating: 0x61, count: 20 << 20)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        // It is cut off, which is what the test is for.
                        try? await stage.gateway.send(.text(long), to: node.id)
                    }
                    group.addTask { await stage.gateway.reset(node.id) }
                }
                _ = try await stage.hello(&events)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("frames that nobody knows are passed over, and the connection stays") func unknown() async throws {
        try await Stage.run { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                let node = try await stage.hello(&events)
                let frames = [
                    "{\"type\":\"weather\"}", "{\"type\":\"event\",\"event\":\"no.such.event\",\"payload\":[1]}",
                    "{\"type\":\"res\",\"id\":7,\"ok\":true}", "{\"type\":\"req\",\"id\":7,\"method\":\"x\"}",
                    "{\"type\":\"event\",\"event\":\"x\",\"payload\":" + String(repeating: "[", count: 1000)
                        + String(repeating: "]", count: 1000) + "}",
                    "not even JSON", "",
                ]
                for frame in frames { try await stage.gateway.send(.text(Array(frame.utf8)), to: node.id) }
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                #expect(await stage.gateway.node(node.id)?.connection == node.connection)
            }
        }
    }

    @Test("a second signal does not wait for what is under way") func secondSignal() async throws {
        try await Stage.run { stage in
            let daemon = try stage.start(["run", "--gateway", stage.gateway.url])
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            async let snap = stage.gateway.invoke("camera.snap", params: "{\"delayMs\":10000}")
            // Under way: its worker has been started.
            try await stage.status { stage.worker(in: $0) != nil }
            daemon.signal(SIGTERM)
            // Another one, for two of a kind may arrive as one.
            daemon.signal(SIGINT)
            #expect(try await daemon.wait() == .exited(0))
            guard case .unanswered = await snap.outcome else {
                Issue.record("the daemon waited")
                return
            }
        }
    }

    @Test("without its worker's program a node still serves what needs none") func workerMissing() async throws {
        try await Stage.run { stage in
            let lonely = stage.scratch.file("clawnode")
            // By a program of its own: a child that another test starts while this process writes the file would hold it
            // open for a moment, and what somebody may write to cannot be run (ETXTBSY).
            let copy = try ChildProcess.spawn("/bin/cp", arguments: [Stage.program, lonely], on: stage.loop)
            #expect(try await copy.wait() == .exited(0))
            let daemon = try stage.start(["run", "--gateway", stage.gateway.url], program: lonely)
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            guard case .failed(let code, let message) = await stage.gateway.invoke("camera.snap").outcome else {
                Issue.record("a picture from nowhere")
                return
            }
            #expect(code == "UNAVAILABLE" && message.contains("clawnode-media"))
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }
}
