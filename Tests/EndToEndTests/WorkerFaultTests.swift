import Glibc
import LinuxIO
import PracticeGateway
import Testing

/// A worker that goes wrong costs its call, never the connection.
@Suite struct WorkerFaultTests {
    private static func isUnavailable(_ result: InvokeResult, _ word: String) -> Bool {
        if case .failed("UNAVAILABLE", let message) = result.outcome { message.contains(word) } else { false }
    }

    @Test("a worker that is stopped dead is replaced, and costs none of the calls that it has not begun")
    func stopped() async throws {
        try await Stage.run { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                let node = try await stage.hello(&events)
                #expect(await stage.gateway.invoke("camera.list").isSuccess)
                let status = try await stage.status { stage.worker(in: $0) != nil }
                let worker = try #require(stage.worker(in: status))
                kill(worker, SIGSTOP)
                let outcomes = await withTaskGroup(of: InvokeResult.Outcome.self) { group in
                    for _ in 0..<3 {
                        group.addTask { await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").outcome }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes == [.succeeded, .succeeded, .succeeded])
                try await stage.status { stage.worker(in: $0) != worker }
                #expect(await stage.gateway.node(node.id)?.connection == node.connection)
            }
        }
    }

    /// What stands in for the worker's program.
    private static let impostors = [
        "printf 'not a message' >&3; exec sleep 30", "exec head -c 60000 /dev/zero >&3", "exit 3", "exit 0",
        "kill -SEGV $$", "exec 3>&-; exec sleep 30",
    ]

    @Test("a worker that talks nonsense, or none, is not believed", arguments: impostors)
    func impostor(script: String) async throws {
        try await Stage.run { stage in
            let lonely = stage.scratch.file("clawnode")
            let copy = try ChildProcess.spawn("/bin/cp", arguments: [Stage.program, lonely], on: stage.loop)
            #expect(try await copy.wait() == .exited(0))
            let text = Array("#!/bin/sh\n\(script)\n".utf8)
            try StateFile.write(stage.scratch.file("clawnode-media"), text, mode: 0o755, durable: false)
            let daemon = try stage.start(["run", "--gateway", stage.gateway.url], program: lonely)
            var events = stage.gateway.events.reader()
            let node = try await stage.hello(&events)
            let snap = await stage.gateway.invoke("camera.snap", timeout: .seconds(10))
            #expect(Self.isUnavailable(snap, "clawnode-media end"), "\(snap.outcome)")
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            #expect(await stage.gateway.node(node.id)?.connection == node.connection)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("a daemon that has no descriptor left refuses what needs one, and serves on") func descriptors() async throws
    {
        try await Stage.run { stage in
            // What it has when it is connected, and hardly one more.
            let limited = try stage.start(
                ["--nofile=12:12", Stage.program, "run", "--gateway", stage.gateway.url],
                program: "/usr/bin/prlimit")
            var events = stage.gateway.events.reader()
            let node = try await stage.hello(&events)
            for _ in 0..<20 {
                let snap = await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}")
                #expect(Self.isUnavailable(snap, "Too many open files"), "\(snap.outcome)")
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
            #expect(await stage.gateway.node(node.id)?.connection == node.connection)
            limited.signal(SIGTERM)
            #expect(try await limited.wait() == .exited(0))
        }
    }
}
