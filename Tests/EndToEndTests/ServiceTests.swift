import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// What systemd hears from the daemon.
@Suite struct ServiceTests {
    /// Runs `clawnode run` as a service with a watchdog of 0.2 s for as long as `body` takes, then stops it.
    func serving(
        _ words: [String], on stage: Stage, _ body: (NotifySocket) async throws -> Void
    ) async throws -> [String] {
        let socket = try NotifySocket(stage.scratch.file("notify"), on: stage.loop)
        let variables = ["NOTIFY_SOCKET=" + stage.scratch.file("notify"), "WATCHDOG_USEC=200000"]
        let daemon = try stage.start(variables + [Stage.program, "run"] + words, program: "/usr/bin/env")
        try await body(socket)
        daemon.signal(SIGTERM)
        let last = try await socket.hear("STOPPING=1")
        #expect(try await daemon.wait() == .exited(0), "\(stage.log)")
        return last
    }

    @Test("ready is who is connected, alive who goes on, and stopping who was told to") func connected() async throws {
        try await Stage.run { stage in
            var events = stage.gateway.events.reader()
            let last = try await serving(stage.way(), on: stage) { socket in
                let told = try await socket.hear("READY=1")
                #expect(told.contains { $0.hasPrefix("STATUS=connected") })
                _ = try await stage.hello(&events)
                for _ in 1...3 { try await socket.hear("WATCHDOG=1") }
            }
            #expect(last.contains { $0.hasPrefix("STATUS=stopping") })
        }
    }

    @Test("who has no gateway yet is ready at once") func notJoined() async throws {
        try await Stage.run { stage in
            _ = try await serving([], on: stage) { socket in
                let told = try await socket.hear("READY=1")
                #expect(told.contains { $0.hasPrefix("STATUS=not-joined: no gateway") })
                try await socket.hear("WATCHDOG=1")
            }
        }
    }

    @Test("who cannot connect is ready all the same, and says why it is not connected") func unreachable() async throws
    {
        try await Stage.run { stage in
            _ = try await serving(["--gateway", "ws://127.0.0.1:1"], on: stage) { socket in
                let told = try await socket.hear("READY=1")
                #expect(told.contains { $0.hasPrefix("STATUS=waiting-to-retry: no connection to ") })
                try await socket.hear("WATCHDOG=1")
            }
        }
    }
}
