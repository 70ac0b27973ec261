import Glibc
import LinuxIO
import PracticeGateway
import Testing

@Suite struct ServingTests {
    /// Runs `body` with a daemon that is connected and offers cameras.
    func serving(
        _ wire: Stage.Wire = .plain, _ body: @escaping @Sendable (Stage, ChildProcess) async throws -> Void
    ) async throws {
        try await Stage.run(over: wire) { stage in
            try await stage.withDaemon { daemon in
                var events = stage.gateway.events.reader()
                _ = try await stage.hello(&events)
                try await body(stage, daemon)
            }
        }
    }

    @Test("a picture of the pattern camera arrives whole", arguments: Stage.Wire.allCases)
    func picture(_ wire: Stage.Wire) async throws {
        try await serving(wire) { stage, _ in
            let snap = await stage.gateway.invoke("camera.snap", params: "{\"maxWidth\":640,\"format\":\"jpeg\"}")
            let reply = try snap.payload()
            #expect(reply["format"]?.string == "jpeg")
            #expect(reply["width"]?.integer == 640)
            #expect(reply["height"]?.integer == 360)
            #expect(snap.isText == false)
            let jpeg = try #require(try snap.media())
            #expect(jpeg.starts(with: [0xFF, 0xD8]) && jpeg.suffix(2) == [0xFF, 0xD9])
        }
    }

    @Test(
        "params that cannot be meant are refused by name, and the connection stays",
        arguments: [
            ("{\"maxWidth\":\"wide\"}", "maxWidth"), ("{\"format\":\"png\"}", "format"), ("[1]", "object"),
            ("{", "JSON"),
            ("{\"deviceId\":\"video99\"}", "video99"),
        ])
    func badParams(params: String, word: String) async throws {
        try await serving { stage, _ in
            let result = await stage.gateway.invoke("camera.snap", params: params)
            guard case .failed(let code, let message) = result.outcome else {
                Issue.record("not refused: \(result.outcome)")
                return
            }
            #expect(code == "INVALID_REQUEST")
            #expect(message.hasPrefix("INVALID_REQUEST: ") && message.contains(word))
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            #expect(await stage.isUndisturbed)
        }
    }

    @Test(
        "a hundred at once are all answered, with pictures or with BUSY, and the connection stays",
        arguments: Stage.Wire.allCases)
    func flood(_ wire: Stage.Wire) async throws {
        try await serving(wire) { stage, _ in
            let outcomes = await withTaskGroup(of: InvokeResult.Outcome.self) { group in
                for _ in 0..<100 {
                    group.addTask { await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":300}").outcome }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let busy = outcomes.count { outcome in
                if case .failed(let code, let message) = outcome {
                    code == "NODE_NOT_READY" && message.contains("BUSY")
                } else {
                    false
                }
            }
            let done = outcomes.count { $0 == .succeeded }
            #expect(done >= 8 && done + busy == 100)
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            #expect(await stage.isUndisturbed)
        }
    }

    @Test("a worker that is killed in mid-capture costs one call", arguments: Stage.Wire.allCases)
    func killedWorker(_ wire: Stage.Wire) async throws {
        try await serving(wire) { stage, _ in
            async let snap = stage.gateway.invoke("camera.snap", params: "{\"delayMs\":9000}")
            let status = try await stage.status {
                $0.contains("\"pid\"") && $0.contains("clawnode-media") && stage.worker(in: $0) != nil
            }
            // What was asked earlier has begun when this is answered; before that, it would go to another worker.
            #expect(await stage.gateway.invoke("camera.list").isSuccess)
            kill(try #require(stage.worker(in: status)), SIGKILL)
            guard case .failed(let code, let message) = await snap.outcome else {
                Issue.record("a picture of a dead worker")
                return
            }
            #expect(code == "UNAVAILABLE" && message.contains("clawnode-media"))
            #expect(await stage.gateway.invoke("camera.snap", params: "{\"delayMs\":0}").isSuccess)
            #expect(await stage.isUndisturbed)
        }
    }

    @Test("SIGTERM lets what is under way be answered, then closes with 1001", arguments: Stage.Wire.allCases)
    func drain(_ wire: Stage.Wire) async throws {
        try await Stage.run(over: wire) { stage in
            let daemon = try HeardProgram(["run"] + stage.way(), on: stage)
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            async let snap = stage.gateway.invoke("camera.snap", params: "{\"delayMs\":1500}", id: "the-last")
            try await stage.status { stage.worker(in: $0) != nil }
            daemon.process.signal(SIGTERM)
            try await daemon.hear("Stopping")
            let end = try await events.first { event -> GatewayEvent? in
                switch event {
                case .result, .closed: event
                default: nil
                }
            }
            guard case .result(_, invokeID: "the-last", isDelivered: true) = end else {
                Issue.record("\(end) before the answer")
                return
            }
            #expect(await snap.isSuccess)
            let ending = try await events.first { event -> GatewayEvent.Ending? in
                if case .closed(_, _, let ending) = event { ending } else { nil }
            }
            #expect(ending == .byNode(code: 1001, reason: "node stopping"))
            #expect(try await daemon.process.wait() == .exited(0))
        }
    }

    @Test("a gateway that restarts, or is killed, finds its node again", arguments: Stage.Wire.allCases)
    func restarts(_ wire: Stage.Wire) async throws {
        try await serving(wire) { stage, _ in
            for farewell in [PracticeGateway.Farewell.restart(expectedMs: 100), .none] {
                var events = stage.gateway.events.readerFromNow()
                await stage.gateway.goDown(farewell)
                try await stage.gateway.comeBack()
                #expect(try await stage.hello(&events).credential == .deviceToken)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
        }
    }
}
