import Glibc
import LinuxIO
import PracticeGateway
import Testing

@Suite struct PauseTests {
    @Test("a pause ends what is under way and outlives a restart; a resume needs neither restart nor approval")
    func pause() async throws {
        try await Stage.run { stage in
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                _ = try await stage.hello(&events)
                async let snap = stage.gateway.invoke("camera.snap", params: "{\"delayMs\":9000}")
                let busy = try await stage.status { stage.worker(in: $0) != nil }
                let worker = try #require(stage.worker(in: busy))

                let paused = try await stage.ask("pause", "camera")
                #expect(paused.status == .exited(0) && paused.answer == "camera is paused\n")
                #expect(Self.isPaused(await snap))
                #expect(Self.isPaused(await stage.gateway.invoke("camera.list")))
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                // Its devices are let go, for the process that held them is.
                while kill(worker, 0) == 0 { try await stage.loop.sleep(for: .milliseconds(10)) }
                let told = try await stage.ask("status")
                #expect(told.answer.contains("camera is paused") && told.answer.contains("clawnode resume camera"))
                let lines = try await stage.ask("commands").answer.split(separator: "\n")
                #expect(lines.contains { $0.hasPrefix("camera.snap ") && $0.hasSuffix("off  clawnode resume camera") })
                #expect(lines.contains { $0.hasPrefix("device.info ") && $0.hasSuffix(" on") })
            }
            try await stage.withDaemon { _ in
                let node = try await stage.hello(&events)
                #expect(node.declared.commands.contains("camera.snap"))
                #expect(Self.isPaused(await stage.gateway.invoke("camera.snap")))

                let resumed = try await stage.ask("resume", "camera")
                #expect(resumed.status == .exited(0) && resumed.answer == "camera is resumed\n")
                #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
            }
        }
    }

    @Test("a state directory that is removed under a running daemon comes back, and a pause in it counts")
    func removed() async throws {
        try await Stage.run { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                let node = try await stage.hello(&events)
                Directory.remove(stage.scratch.file("state"))
                try await stage.status { $0.contains("\"identity-lost\"") }
                let lock = stage.scratch.file("state/state.lock")
                while try !FileLock.isHeld(lock) { try await stage.loop.sleep(for: .milliseconds(10)) }
                let paused = try await stage.ask("pause", "camera")
                #expect(paused.status == .exited(0) && paused.answer == "camera is paused\n")
                #expect(Self.isPaused(await stage.gateway.invoke("camera.snap")))
                #expect(try await stage.ask("resume", "camera").answer == "camera is resumed\n")
                #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
                #expect(try await stage.ask("run").status == .exited(73))
                #expect(await stage.gateway.node(node.id)?.connection == node.connection)
            }
        }
    }

    @Test(
        "where the kernel has no watch left, a pause and the end of the state directory are seen all the same",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func unwatched() async throws {
        try await Stage.run { stage in
            let script = "echo 0 >/proc/sys/user/max_inotify_instances && exec \"$0\" \"$@\""
            let words = ["--user", "--map-root-user", "sh", "-c", script, Stage.program, "run"] + stage.way()
            let daemon = try stage.start(words, program: "/usr/bin/unshare")
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            #expect(try await stage.ask("pause", "camera").answer == "camera is paused\n")
            #expect(Self.isPaused(await stage.gateway.invoke("camera.snap")))
            Directory.remove(stage.scratch.file("state"))
            try await stage.status { $0.contains("\"identity-lost\"") }
            let lock = stage.scratch.file("state/state.lock")
            while try !FileLock.isHeld(lock) { try await stage.loop.sleep(for: .milliseconds(10)) }
            // There are some again, and the daemon takes one.
            let queues =
                "echo 9 >/proc/sys/user/max_inotify_instances; until ls -l /proc/$0/fd | grep inotify; do sleep 0.1; done"
            let run = try await ProgramRun.run(
                "/usr/bin/nsenter",
                ["--user", "--preserve-credentials", "--target", "\(daemon.pid)", "sh", "-c", queues, "\(daemon.pid)"],
                outputLimit: 1 << 16, deadline: stage.loop.now + .seconds(60), timekeeper: stage.loop, on: stage.loop)
            #expect(run.status == .exited(0), "\(run.said)")
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("without a daemon a pause is kept for the next one") func absent() async throws {
        try await Prompt.run { prompt in
            let paused = try await prompt.clawnode("pause", "camera")
            #expect(paused.code == 0 && paused.answer.contains("no daemon"))
            #expect(try await prompt.clawnode("pause", "camera").code == 0)
            #expect(try await prompt.clawnode("resume", "camera").code == 0)
            #expect(try await prompt.clawnode("resume", "camera").code == 0)
        }
    }

    @Test("a pause of which the daemon's word cannot be had is not said to be one") func untold() async throws {
        try await Stage.run { stage in
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                _ = try await stage.hello(&events)
                let elsewhere = stage.scratch.file("elsewhere")
                let pause = try HeardProgram(
                    Stage.program,
                    [
                        "pause", "camera", "--config", stage.scratch.file("clawnode.json"), "--state-dir",
                        stage.scratch.file("state"), "--runtime-dir", elsewhere,
                    ], on: stage.loop)
                #expect(try await pause.process.wait() == .exited(1))
                try await pause.hearEnd()
                #expect(pause.heard.contains("has not written \(elsewhere)/status.json"), "\(pause.heard)")
                try await stage.status { $0.contains("camera is paused") }
            }
        }
    }

    @Test(
        "who pauses a node of their own that does not run is told that the system's goes on",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func systems() async throws {
        try await Prompt.run { prompt in
            let user = ["/usr/bin/unshare", "--map-user=1000", "--map-group=1000", Stage.program, "pause", "camera"]
            let home = "HOME=\(prompt.scratch.path)"
            let words = try PrivateMount.words(
                mounting: "mode=755", at: "/run",
                then: "mkdir /run/clawnode; echo {} >/run/clawnode/status.json; exec env -i \(home) \"$0\" \"$@\"", user
            )
            let shell = try HeardProgram(words[0], Array(words.dropFirst()), on: prompt.loop)
            #expect(try await shell.process.wait() == .exited(1))
            try await shell.hearEnd()
            #expect(shell.heard.hasSuffix("sudo clawnode pause camera\n"), "\(shell.heard)")
        }
    }

    @Test("what cannot be paused is a mistake of the one who typed it", arguments: ["device", "camra", ""])
    func unknown(capability: String) async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode("pause", capability)
            #expect(end.code == 64 && end.talk.contains("what can: camera"))
        }
    }

    private static func isPaused(_ result: InvokeResult) -> Bool {
        if case .failed("CAMERA_DISABLED", let message) = result.outcome {
            message.contains("clawnode resume camera")
        } else {
            false
        }
    }
}
