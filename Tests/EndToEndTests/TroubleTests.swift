import Glibc
import LinuxIO
import NodeCore
import PracticeGateway
import Testing

@Suite struct TroubleTests {
    /// The end of the next connection that a node had, in the order of `events`.
    private func ending(_ events: inout EventFeed<GatewayEvent>.Reader) async throws -> GatewayEvent.Ending {
        try await events.first { if case .closed(_, .some, let ending) = $0 { ending } else { nil } }
    }

    @Test("a gateway that falls silent is left with 4000 and found again", arguments: Stage.Wire.allCases)
    func silent(_ wire: Stage.Wire) async throws {
        var options = Stage.open()
        options.tickInterval = .milliseconds(500)
        try await Stage.run(over: wire, options) { stage in
            try await stage.withDaemon { _ in
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

    @Test("a log that nobody reads costs neither the connection nor the end, and what is lost of it is told")
    func unread() async throws {
        try await Stage.run { stage in
            var events = stage.gateway.events.reader()
            var ends: [CInt] = [-1, -1]
            // Children get the descriptors that are named to them, and no others.
            try call { pipe(&ends) }
            let reading = FileDescriptor(adopting: ends[0])
            let writing = FileDescriptor(adopting: ends[1])
            let page = [UInt8](repeating: 0x2E, count: 4096)
            try call { fcntl(writing.raw, F_SETFL, O_NONBLOCK) }
            while write(writing.raw, page, page.count) > 0 {}
            try call { fcntl(writing.raw, F_SETFL, 0) }

            let daemon = try ChildProcess.spawn(
                Stage.program, arguments: ["run"] + stage.way() + stage.files,
                descriptors: [(writing.raw, as: STDERR_FILENO)], on: stage.loop)
            defer { daemon.signal(SIGKILL) }
            _ = try await stage.hello(&events)
            #expect(await stage.gateway.invoke("device.info").isSuccess)

            try call { fcntl(reading.raw, F_SETFL, O_NONBLOCK) }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while read(reading.raw, &chunk, chunk.count) > 0 {}
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
            let count = try call { read(reading.raw, &chunk, chunk.count) }
            let heard = String(decoding: chunk[..<count], as: UTF8.self)
            #expect(heard.contains("Log lines were lost") && heard.contains("Stopped"), "\(heard)")
        }
    }

    @Test("a reset when half of a frame was read costs nothing but the connection", arguments: Stage.Wire.allCases)
    func midFrame(_ wire: Stage.Wire) async throws {
        try await Stage.run(over: wire) { stage in
            try await stage.withRelay { relay in
                try await stage.withDaemon(through: relay) { _ in
                    var events = stage.gateway.events.reader()
                    let node = try await stage.hello(&events)
                    // It is sent in frames of 16, 32 and then 64 KiB: four of them and half of the fifth arrive.
                    let cut = relay.cut(.toNode, after: 213_000)
                    let long = Array("{\"type\":\"event\",\"event\":\"".utf8) + [UInt8](repeating: 0x61, count: 1 << 20)
                    // Its end finds no connection.
                    try? await stage.gateway.send(.text(long), to: node.id)
                    try await cut.wasMade()
                    _ = try await stage.hello(&events)
                    #expect(await stage.gateway.invoke("device.info").isSuccess)
                }
            }
        }
    }

    @Test("frames that nobody knows are passed over, and the connection stays", arguments: Stage.Wire.allCases)
    func unknown(_ wire: Stage.Wire) async throws {
        try await Stage.run(over: wire) { stage in
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
                #expect(await stage.isUndisturbed)
            }
        }
    }

    @Test("a second SIGTERM does not wait for what is under way", arguments: Stage.Wire.allCases)
    func secondSignal(_ wire: Stage.Wire) async throws {
        try await Stage.run(over: wire) { stage in
            let daemon = try HeardProgram(["run"] + stage.way(), on: stage)
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            async let snap = stage.gateway.invoke("camera.snap", params: "{\"delayMs\":10000}")
            // Under way: its worker has been started.
            try await stage.status { stage.worker(in: $0) != nil }
            daemon.process.signal(SIGTERM)
            // Two that come together are one.
            try await daemon.hear("Stopping")
            daemon.process.signal(SIGTERM)
            #expect(try await daemon.process.wait() == .exited(0))
            guard case .unanswered = await snap.outcome else {
                Issue.record("the daemon waited")
                return
            }
            // Nor was it the end of its patience with one signal.
            try await daemon.hearEnd()
            #expect(!daemon.heard.contains("Still busy"))
        }
    }

    @Test("a daemon that was started without the standard descriptors prints into nothing of its own")
    func closedDescriptors() async throws {
        try await Stage.run { stage in
            let closed = ["-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", Stage.program]
            let daemon = try stage.start(closed + ["run", "--gateway", stage.gateway.url], program: "/bin/sh")
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
            let status = try await stage.status { stage.worker(in: $0) != nil }
            for pid in [daemon.pid, try #require(stage.worker(in: status))] {
                for number in 0...2 {
                    var link = stat()
                    var null = stat()
                    #expect(stat("/proc/\(pid)/fd/\(number)", &link) == 0 && stat("/dev/null", &null) == 0)
                    #expect(link.st_rdev == null.st_rdev, "\(pid): \(number)")
                }
            }
            #expect(await stage.isUndisturbed)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test(
        "without its worker's program a node still serves what needs none, and says what is so",
        arguments: [nil, 0o644] as [mode_t?])
    func workerMissing(mode: mode_t?) async throws {
        try await Stage.run { stage in
            let lonely = stage.scratch.file("clawnode")
            // By a program of its own: a child that another test starts while this process writes the file would hold it
            // open for a moment, and what somebody may write to cannot be run (ETXTBSY).
            let copy = try ChildProcess.spawn("/bin/cp", arguments: [Stage.program, lonely], on: stage.loop)
            #expect(try await copy.wait() == .exited(0))
            let worker = stage.scratch.file("clawnode-media")
            if let mode { try StateFile.write(worker, Array("#!/bin/sh\n".utf8), mode: mode, durable: false) }
            let daemon = try stage.start(["run", "--gateway", stage.gateway.url], program: lonely)
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            guard case .failed(let code, let message) = await stage.gateway.invoke("camera.snap").outcome else {
                Issue.record("a picture from nowhere")
                return
            }
            let words = mode == nil ? "clawnode-media is not installed" : "sudo chmod a+rx \(worker)"
            #expect(code == "UNAVAILABLE" && message.contains(words), "\(message)")
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }
}
