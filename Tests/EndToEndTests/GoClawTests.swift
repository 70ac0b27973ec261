import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// The built program at GoClaw gateways, of which it is told nothing but where they are.
@Suite struct GoClawTests {
    /// Runs `body` on a stage beside a gateway of this family.
    private func run(
        _ family: GoClawFamily, _ body: @escaping @Sendable (Stage, GoClawGateway) async throws -> Void
    ) async throws {
        try await Stage.run { stage in
            try stage.configure(dialect: "auto")
            let gateway = try GoClawGateway(GoClawOptions(family), on: stage.loop)
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
            try await withDaemon(stage, ["--gateway", gateway.url]) {
                let request = try await seen.first {
                    if case .pairingRequested(let request) = $0 { request } else { nil }
                }
                let line = "goclaw pairing approve \(request.code)"
                try await stage.status { $0.contains(line) }
                let status = try await stage.ask("status").answer
                #expect(status.contains("waiting-for-approval"), "\(status)")
                #expect(status.contains("do: \(line)\n"), "\(status)")
                #expect(stage.log.contains(line))
                let doctor = try await stage.ask("doctor").answer
                #expect(doctor.contains(line), "\(doctor)")
                #expect(doctor.contains("lets us speak first"), "\(doctor)")
                try await gateway.approve(request.code)
                try await stage.status { $0.contains("\"connected\"") && $0.contains("\"goclaw\"") }
                let after = try await stage.ask("status").answer
                #expect(after.contains("(GoClaw v3.12.0, protocol 3)"), "\(after)")
                #expect(after.contains("device approved"), "\(after)")
                #expect(!stage.log.contains(request.senderID))
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

    @Test("a gateway that no node can serve is named")
    func foreign() async throws {
        try await run(.jsonRPC) { stage, gateway in
            try await withDaemon(stage, ["--gateway", gateway.url]) {
                try await stage.status { $0.contains("speaks JSON-RPC") }
            }
        }
    }
}
