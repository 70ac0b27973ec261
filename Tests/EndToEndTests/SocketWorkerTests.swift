import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// The media worker as systemd starts it: one for each connection to a socket, and none of it our child.
@Suite struct SocketWorkerTests {
    static let activator = "/usr/bin/systemd-socket-activate"

    /// Lets systemd's own program listen where the daemon looks, for as long as `body` takes.
    func listening(_ stage: Stage, _ body: () async throws -> Void) async throws {
        let path = stage.scratch.file("media.sock")
        let worker = String(Stage.program) + "-media"
        let activator = try ChildProcess.spawn(
            Self.activator,
            arguments: [
                "--seqpacket", "--accept", "-l", path, worker, "--config", stage.scratch.file("clawnode.json"),
            ],
            descriptors: [(STDERR_FILENO, as: STDERR_FILENO)], on: stage.loop)
        defer { activator.signal(SIGTERM) }
        while access(path, F_OK) != 0 { try await stage.loop.sleep(for: .milliseconds(10)) }
        try await body()
    }

    func configure(_ stage: Stage) throws {
        try stage.configure(
            """
            {"capabilities": {"camera": true}, "camera": {"pattern": true, "snapsPerSecond": 1000},
             "workers": {"media": "socket", "mediaSocket": "\(stage.scratch.file("media.sock"))"}}
            """)
    }

    @Test("a picture comes from a worker that systemd started, and after it was killed from the next one")
    func snap() async throws {
        try await Stage.run { stage in
            try configure(stage)
            var events = stage.gateway.events.reader()
            try await listening(stage) {
                try await stage.withDaemon { daemon in
                    _ = try await stage.hello(&events)
                    let snap = await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}")
                    #expect(snap.isSuccess, "\(snap)")
                    let status = try await stage.status { stage.worker(in: $0) != nil }
                    let worker = try #require(stage.worker(in: status))
                    #expect(worker != daemon.pid)

                    try call { kill(worker, SIGKILL) }
                    #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
                    let next = try await stage.status { stage.worker(in: $0).map { $0 != worker } ?? false }
                    #expect(stage.worker(in: next) != nil)
                    #expect(await stage.isUndisturbed)
                }
            }
        }
    }

    /// Runs `body` with the daemon, and with the worker that took its first picture.
    func withWorker(_ body: @escaping @Sendable (Stage, pid_t) async throws -> Void) async throws {
        try await Stage.run { stage in
            try configure(stage)
            var events = stage.gateway.events.reader()
            try await listening(stage) {
                try await stage.withDaemon { _ in
                    _ = try await stage.hello(&events)
                    #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
                    let status = try await stage.status { stage.worker(in: $0) != nil }
                    try await body(stage, try #require(stage.worker(in: status)))
                }
            }
        }
    }

    @Test("a worker that systemd ends is replaced, and has not failed") func ended() async throws {
        try await withWorker { stage, worker in
            try call { kill(worker, SIGTERM) }
            // Until then it may still take what was on its way.
            await death(of: worker)
            #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
            let status = try await stage.status { stage.worker(in: $0).map { $0 != worker } ?? false }
            #expect(try JSONReader.read(Array(status.utf8))["workers"]?.array?.first?["crashes"]?.integer == 0)
        }
    }

    @Test("a worker that is stopped dead costs no call, and when it wakes up it does nothing but end") func stopped()
        async throws
    {
        try await withWorker { stage, worker in
            try call { kill(worker, SIGSTOP) }
            defer { kill(worker, SIGCONT) }
            for _ in 0..<2 {
                #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
            }
            try call { kill(worker, SIGCONT) }
            await death(of: worker)
            #expect(await stage.isUndisturbed)
        }
    }

    @Test("where nobody listens the refusal says which unit to enable, and the connection stays") func absent()
        async throws
    {
        try await Stage.run { stage in
            try configure(stage)
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                _ = try await stage.hello(&events)
                guard case .failed("UNAVAILABLE", let message) = await stage.gateway.invoke("camera.list").outcome
                else {
                    Issue.record("it was not refused")
                    return
                }
                #expect(message.contains("sudo systemctl enable --now clawnode-media.socket"))
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
        }
    }
}
