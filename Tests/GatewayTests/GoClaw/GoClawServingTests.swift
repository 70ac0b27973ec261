import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// Commands from GoClaw gateways, in every form in which they come (goclaw-gateway §5).
@Suite(.timeLimit(.minutes(5))) struct GoClawServingTests {
    @Test("from who has not let us in, no more than a mebibyte is taken at once")
    func unadmitted() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                _ = try await node.wait()
                let payload = JSONValue.string(String(repeating: "x", count: GatewayLink.maxMessageBeforeHello))
                await bench.gateway.push(["type": "event", "event": "x", "payload": payload])
                _ = try await seen.first { if case .closed = $0 { true } else { nil } }
            }
        }
    }

    // MARK: G1

    @Test("G1: with an admin's token the node is registered, asked, and its answers are taken")
    func nodeHost() async throws {
        try await GoClawBench.run(.nodeHost) { bench async throws in
            try await bench.node(token: "gateway-token") { node async throws in
                #expect(try await node.connected().role == "admin")
                let reply = await bench.gateway.invoke("device.info")
                #expect(reply?["ok"] == true)
                #expect(reply?["nodeId"]?.string == Samples.identity.instanceID)
                #expect(reply?["payloadJSON"]?.string == #"{"name":"pi"}"#)
                let isDoubted = node.feed.all.contains {
                    if case .raised(let condition) = $0 { condition.id == "surface-approval" } else { false }
                }
                #expect(!isDoubted)
            }
        }
    }

    @Test("G1: an operator is let in, and told that nothing is dispatched to it")
    func unregistered() async throws {
        try await GoClawBench.run(.nodeHost, change: { $0.apiKeys["key"] = .operator }) { bench async throws in
            try await bench.node(token: "key") { node async throws in
                let condition = try await node.raised("surface-approval")
                #expect(condition.severity == .note)
                #expect(await bench.gateway.invoke("device.info") == nil)
            }
        }
    }

    @Test("G1: params arrive, and media come back inside the text of the reply")
    func snap() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, _ async throws in
            var calls = bench.household.calls.reader()
            async let reply = bench.gateway.invoke("camera.snap", params: #"{"maxWidth":1600}"#)
            let call = try await calls.next()
            #expect(call.params == #"{"maxWidth":1600}"#)
            #expect(call.payloadLimit <= GoClawLimits.message)
            call.answer(try GoClawBench.media(#"{"format":"jpg"}"#, Array(repeating: 0xA5, count: 100_000)))
            let payload = try GoClawBench.payload(await reply)
            #expect(payload["format"] == "jpg")
            #expect(payload["base64"]?.string?.count == 133_336)
        }
    }

    @Test("a reply that is too large for a frame is put where the gateway keeps media, and never costs the connection")
    func upload() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, _ async throws in
            var calls = bench.household.calls.reader()
            var seen = bench.gateway.events.reader()
            async let reply = bench.gateway.invoke("camera.snap")
            let bytes = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await calls.next().answer(try GoClawBench.media(#"{"format":"mp4","durationMs":3000}"#, bytes))
            let (name, stored) = try await seen.first {
                if case .uploaded(let name, let bytes) = $0 { (name, bytes) } else { nil }
            }
            #expect(stored == bytes)
            #expect(name.hasSuffix(".mp4"))
            let payload = try GoClawBench.payload(await reply)
            #expect(payload["uploaded"] == true)
            #expect(payload["format"] == "mp4")
            #expect(payload["durationMs"] == 3000)
            #expect(payload["bytes"]?.integer == 3 << 20)
            #expect(payload["path"]?.string == "/tmp/media/\(name)")
            #expect(payload["filename"]?.string == name)
            #expect(payload["base64"] == nil)
            #expect(await bench.gateway.invoke("device.info")?["ok"] == true)
            #expect(bench.gateway.events.openedConnections == 1)
        }
    }

    @Test("what is too large and no file is refused with both numbers")
    func tooLarge() async throws {
        try await GoClawBench.admitted(.nodeHost) { bench, _ async throws in
            var calls = bench.household.calls.reader()
            async let reply = bench.gateway.invoke("camera.snap")
            let call = try await calls.next()
            call.answer(#"{"list":"\#(String(repeating: "x", count: 600_000))"}"#)
            let error = await reply?["error"]
            #expect(error?["code"] == "PAYLOAD_TOO_LARGE")
            #expect(error?["message"]?.string?.contains("\(GoClawLimits.message) fit") == true)
        }
    }

    // MARK: G2

    @Test("G2: with its key the node is registered, trusted, asked, and answers in the form of a program's output")
    func computeNode() async throws {
        try await GoClawBench.keyed(.computeNode, trust: nil) { bench, node async throws in
            var seen = bench.gateway.events.reader()
            let params = try await seen.request("nodes.register")
            #expect(params["nodeKey"]?.string == GoClawBench.key)
            #expect(params["platform"]?.string?.hasPrefix("linux/") == true)
            let condition = try await node.raised("surface-approval")
            #expect(condition.severity == .warning)
            #expect(condition.remedy?.contains("\"nodeId\":\"n-1\"") == true)

            _ = try await node.connected()
            await bench.gateway.setTrust(.trusted, of: "n-1")
            // The next heartbeat brings it to light.
            await bench.clock.sleeper(at: bench.clock.now + .seconds(45))
            bench.clock.advance(by: .seconds(45))
            try await node.cleared("surface-approval")
            let reply = await bench.gateway.invoke("device.info", params: "{}")
            #expect(reply?["exitCode"] == 0)
            #expect(reply?["stdout"]?.string == #"{"name":"pi"}"#)
            #expect(reply?["error"] == "")
            let refused = await bench.gateway.invoke("rm")
            #expect(refused?["exitCode"] != 0)
            #expect(refused?["error"]?.string?.contains("unknown command rm") == true)
        }
    }

    @Test("G2: a picture is put elsewhere, because little of an output is kept")
    func computeSnap() async throws {
        try await GoClawBench.admitted(.computeNode) { bench, _ async throws in
            var calls = bench.household.calls.reader()
            async let reply = bench.gateway.invoke("camera.snap", params: #"{"maxWidth":1600}"#)
            let call = try await calls.next()
            #expect(call.params == #"{"maxWidth":1600}"#)
            call.answer(try GoClawBench.media(#"{"format":"jpg"}"#, Array(repeating: 7, count: 100_000)))
            let output = try GoClawBench.payload(await reply)
            #expect(output["uploaded"] == true)
            #expect(output["mimeType"] == "image/jpeg")
        }
    }

    @Test("G2: it registers again before ninety seconds are over")
    func heartbeat() async throws {
        try await GoClawBench.admitted(.computeNode) { bench, _ async throws in
            var seen = bench.gateway.events.reader()
            _ = try await seen.request("nodes.register")
            for _ in 0..<3 {
                await bench.clock.sleeper(at: bench.clock.now + .seconds(45))
                bench.clock.advance(by: .seconds(45))
                _ = try await seen.request("nodes.register")
            }
            // Long after the first registration would have been forgotten.
            #expect(await bench.gateway.invoke("device.info") != nil)
        }
    }

    @Test("G2: a key that is revoked is said to be, and not presented again for ten minutes")
    func revokedKey() async throws {
        try await GoClawBench.keyed(.computeNode, trust: .revoked) { bench, node async throws in
            let condition = try await node.raised("surface-approval")
            #expect(condition.severity == .error)
            #expect(condition.remedy?.contains("goclawNodeKeyFile") == true)
            await node.pass(try await node.wait())
            _ = try await node.connected()
            #expect(
                bench.gateway.events.all.count {
                    if case .request(_, "nodes.register", _) = $0 { true } else { false }
                } == 1)
        }
    }

    // MARK: P1 and P2, in any family

    private static let id = Samples.identity.instanceID

    private static let pushes: [(frame: JSONValue, method: String, id: String)] = [
        (
            [
                "type": "event", "event": "node.invoke.request",
                "payload": ["id": "a-1", "nodeId": .string(id), "command": "device.info", "paramsJSON": "{}"],
            ], "node.invoke.result", "id"
        ),
        (
            [
                "type": "event", "event": "node.invoke",
                "payload": [
                    "nodeId": .string(Samples.deviceID), "invokeId": "a-1", "command": "device.info", "args": [],
                ],
            ], "nodes.result", "invokeId"
        ),
        (
            [
                "type": "event", "event": "node.invoke.request",
                "payload": ["node_id": .string(id), "invoke_id": "a-1", "method": "device.info", "params": [:]],
            ], "node.invoke.result", "invokeId"
        ),
    ]

    @Test("P1: what is pushed is performed in every family, and answered in the form of the event", arguments: pushes)
    func pushed(_ sample: (frame: JSONValue, method: String, id: String)) async throws {
        try await GoClawBench.admitted(.core) { bench, node async throws in
            var seen = bench.gateway.events.readerFromNow()
            await bench.gateway.push(sample.frame)
            let params = try await seen.request(sample.method)
            #expect(params[sample.id] == "a-1")
            let texts = [params["payloadJSON"]?.string, params["stdout"]?.string, params["result"]?.text]
            #expect(texts.contains(#"{"name":"pi"}"#))
            try await node.cleared("surface-approval")
        }
    }

    @Test("P1: what is for another node is left to that")
    func foreign() async throws {
        try await GoClawBench.admitted(.core) { bench, node async throws in
            var seen = bench.gateway.events.readerFromNow()
            for (node, id) in [("other", "a-1"), (Samples.deviceID, "a-2")] {
                await bench.gateway.push([
                    "type": "event", "event": "node.invoke.request",
                    "payload": ["id": .string(id), "nodeId": .string(node), "command": "device.info"],
                ])
            }
            #expect(try await seen.request("node.invoke.result")["id"] == "a-2")
        }
    }

    private static let ids: [JSONValue] = ["r-1", 17]

    @Test("P2: a request of the server's is answered with its id as it came", arguments: ids)
    func requests(_ id: JSONValue) async throws {
        try await GoClawBench.admitted(.core) { bench, node async throws in
            var seen = bench.gateway.events.readerFromNow()
            for (method, params) in [
                ("node.invoke", ["command": "device.info"] as JSONValue), ("device.info", [:]),
            ] {
                await bench.gateway.push(["type": "req", "id": id, "method": .string(method), "params": params])
                let frame = try await seen.response()
                #expect(frame["id"] == id)
                #expect(frame["ok"] == true)
                #expect(frame["payload"]?["name"] == "pi")
            }
            await bench.gateway.push(["type": "req", "id": id, "method": "reboot"])
            let frame = try await seen.response()
            #expect(frame["ok"] == false)
            #expect(frame["error"]?["code"] == "INVALID_REQUEST")
        }
    }
}
