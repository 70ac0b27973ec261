import NodeCrypto
import PracticeGateway
import Testing
import WebSocket

@Suite(.timeLimit(.minutes(5))) struct InvokeTests {
    @Test("a surface is withheld until an operator approves it, and then live on the same connection")
    func surface() async throws {
        var options = PracticeOptions.open()
        options.approvesSurfaces = false
        try await TestNode.run(options) { gateway, node in
            let line = try await node.join()
            let withheld = await gateway.invoke("device.info")
            guard case .refused(let refusal) = withheld.outcome else {
                Issue.record("not refused: \(withheld.outcome)")
                return
            }
            #expect(refusal.details?["reason"] == "node did not declare commands")
            let request = try #require(await gateway.pendingSurfaces.first)
            #expect(request.surface.commands == ["device.info", "camera.snap"])
            #expect(await gateway.approveSurface(request.id))
            async let result = gateway.invoke("device.info", params: "{\"a\":1}")
            let event = try await line.event("node.invoke.request")
            #expect(event["paramsJSON"] == "{\"a\":1}")
            #expect(OpenClawSchema(.april).firstFault(in: event, as: .invokeRequest) == nil)
            try await line.send(
                "node.invoke.result",
                .members(["id": event["id"], "nodeId": event["nodeId"], "ok": true, "payloadJSON": "{\"b\":2}"]))
            #expect(try await result.payload() == ["b": 2])
            #expect(await result.isText)
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("what the configuration does not allow never reaches the node") func policy() async throws {
        try await TestNode.run(.open()) { gateway, node in
            _ = try await node.join()
            guard case .refused(let refusal) = await gateway.invoke("system.execute").outcome else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.details?["reason"] == "command not allowlisted")
        }
    }

    @Test("24 MB arrive whole") func large() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            async let result = gateway.invoke("camera.snap", timeout: .seconds(300))
            let media = [UInt8](repeating: 0x5A, count: 18_000_000)
            let text = String(repeating: "WlpaWlpa", count: 3_000_000)
            try await line.answer(["format": "jpg", "base64": .string(text)])
            #expect(await result.messageSize > 24_000_000)
            #expect(try await result.media() == media)
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("more than the policy allows ends the connection with 1009") func tooLarge() async throws {
        var options = PracticeOptions.open()
        options.maxPayload = 70_000
        try await TestNode.run(options) { gateway, node in
            let line = try await node.join()
            try await line.send(
                "node.event", ["event": "x", "payload": .string(String(repeating: "x", count: 70_000))])
            #expect(try await line.close().code == .messageTooBig)
            var events = gateway.events.reader()
            let breach = try await events.first { if case .breach(let breach) = $0 { breach } else { nil } }
            #expect(breach.what.hasPrefix("breaks the WebSocket protocol"))
        }
    }

    @Test("a node's error is its caller's") func failure() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            async let result = gateway.invoke("camera.snap")
            let event = try await line.event("node.invoke.request")
            try await line.send(
                "node.invoke.result",
                .members([
                    "id": event["id"], "nodeId": event["nodeId"], "ok": false,
                    "error": ["code": "CAMERA_DISABLED", "message": "off"],
                ]))
            #expect(await result.outcome == .failed(code: "CAMERA_DISABLED", message: "off"))
        }
    }

    @Test("a second result, a stranger's result and one in another's name are noted") func wrongResults() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            async let result = gateway.invoke("device.info", id: "once")
            try await line.answer(times: 2)
            #expect(await result.isSuccess)
            let unknown = try await line.ask(
                "node.invoke.result", ["id": "never", "nodeId": .string(node.id), "ok": true])
            #expect(unknown["payload"] == ["ok": true, "ignored": true])
            let foreign = try await line.ask("node.invoke.result", ["id": "never", "nodeId": "other", "ok": true])
            #expect(foreign["error"]?["message"] == "nodeId mismatch")
            #expect(
                gateway.violations.map(\.what) == [
                    "a second result for invocation once", "a result for an invocation that never was: never",
                    "a result in the name of another node",
                ])
        }
    }

    @Test("who does not answer in time is told that nobody waits; the late answer is no breach") func late()
        async throws
    {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            let result = await gateway.invoke("device.info", timeout: .milliseconds(20), id: "slow")
            #expect(result.outcome == .unanswered(code: "TIMEOUT"))
            #expect(try await line.event("node.invoke.cancel")["invokeId"] == "slow")
            let reply = try await line.ask(
                "node.invoke.result", ["id": "slow", "nodeId": .string(node.id), "ok": true])
            #expect(reply["payload"]?["ignored"] == true)
            #expect(gateway.violations.isEmpty)
        }
    }

    @Test("a connection that ends takes its invocations along") func hangUp() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            async let result = gateway.invoke("device.info")
            _ = try await line.event("node.invoke.request")
            line.connection.abort()
            #expect(await result.outcome == .unanswered(code: "NOT_CONNECTED"))
        }
    }

    @Test("the tenth call of what is not open to nodes is the last") func unauthorized() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            for _ in 0..<10 {
                let response = try await line.ask("config.get", [:])
                #expect(response["error"]?["message"] == "unauthorized role: node")
            }
            #expect(try await line.close().reason == "repeated unauthorized calls")
            #expect(gateway.violations.count == 10)
        }
    }

    @Test("params of the methods open to nodes are closed, too") func methods() async throws {
        try await TestNode.run(.open()) { gateway, node in
            let line = try await node.join()
            #expect(try await line.ask("skills.bins", [:])["payload"] == ["bins": []])
            #expect(try await line.ask("node.pending.drain", ["maxItems": 11])["ok"] == false)
            #expect(try await line.ask("node.event", ["event": "x", "payloadJSON": "{"])["ok"] == true)
            #expect(gateway.violations.count == 2)
        }
    }
}
