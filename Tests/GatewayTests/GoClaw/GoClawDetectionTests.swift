import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// One node, of which nothing is said, and every gateway there is (goclaw-gateway §6.3, §8).
@Suite(.timeLimit(.minutes(2))) struct GoClawDetectionTests {
    @Test(
        "a gateway of each family is found at its host alone, without a place being taken by mistake",
        arguments: GoClawPairingTests.families)
    func found(_ family: GoClawFamily) async throws {
        try await GoClawBench.run(family) { bench async throws in
            let began = bench.clock.now
            try await bench.node(.auto) { node async throws in
                await node.listen()
                #expect(try await node.wait().isApproval)
            }
            #expect(began.duration(to: bench.clock.now) <= .seconds(20))
            #expect(bench.gateway.events.pairingRequests == 1)
            let paths = bench.gateway.events.all.compactMap { if case .strayed(let path) = $0 { path } else { nil } }
            #expect(paths == ["/"])
        }
    }

    @Test("what was found is remembered, with its path", arguments: ["", "/ws"])
    func remembered(_ path: String) async throws {
        try await GoClawBench.run(.core) { bench async throws in
            for isFirst in [true, false] {
                let now = bench.gateway.events.readerFromNow()
                try await bench.node(.auto, token: "gateway-token", path: path) { node async throws in
                    await node.listen()
                    #expect(try await node.connected().dialect == .goclaw)
                    var seen = now
                    let strayed = try await seen.first { event -> Bool? in
                        switch event {
                        case .strayed: true
                        case .opened: false
                        default: nil
                        }
                    }
                    #expect(strayed == (isFirst && path.isEmpty))
                }
            }
        }
    }

    @Test("JSON-RPC is recognised and named, and nothing is sent to it")
    func jsonRPC() async throws {
        try await GoClawBench.run(.jsonRPC) { bench async throws in
            try await bench.node(.auto) { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.id == "protocol")
                #expect(wait.condition.summary.contains("JSON-RPC"))
                #expect(wait.delay == .seconds(300))
            }
        }
    }

    @Test("a greeting without a nonce is recognised as that of the compatibility package, and named")
    func compat() async throws {
        try await GoClawBench.run(.compat) { bench async throws in
            try await bench.node(.auto) { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.id == "protocol")
                #expect(wait.condition.summary.contains("compatibility package"))
            }
        }
    }

    @Test("a server of old clients' words is let in to, and refusals with integer codes keep them")
    func controlCenter() async throws {
        try await GoClawBench.run(.controlCenter) { bench async throws in
            bench.gateway.script.refusals = [WireRefusal("", "too many clients")]
            try await bench.node(.auto) { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.summary.contains("too many clients"))
                await node.pass(wait)
                #expect(try await node.connected().dialect == .openclaw)
                var seen = bench.gateway.events.readerFromNow()
                await bench.gateway.push([
                    "event": "node.invoke.request",
                    "params": ["id": 5, "nodeId": .string(Samples.deviceID), "command": "device.info"],
                ])
                let params = try await seen.request("node.invoke.result")
                #expect(params["id"] == "5")
                #expect(params["ok"] == true)
            }
        }
    }

    @Test("a gateway of OpenClaw's is greeted as before, and one that comes late is not taken for GoClaw's again")
    func openClaw() async throws {
        try await SocketBench.run { bench async throws in
            try await bench.node(dialect: .auto) { node async throws in
                #expect(try await node.connected().dialect == .openclaw)
            }
            let memory = try TokenStore(directory: bench.folder.path).memory(
                of: GatewayEndpoint(bench.gateway.url), deviceID: Samples.deviceID)
            #expect(memory.dialect == .openclaw)
        }
    }

    @Test("a greeting that comes too late, or connect not understood, turns to OpenClaw at once")
    func lateChallenge() async throws {
        let bench = try LinkBench(dialect: .auto)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            await bench.clock.sleeper(until: bench.clock.now + .seconds(2))
            bench.clock.advance(by: .seconds(2))
            #expect(try await connection.frame()["params"]?["user_id"] != nil)
            connection.transport.deliver(text: Samples.challenge)
            var next = try await gateway.next()
            try await next.welcome()
            #expect(try await gateway.connected().dialect == .openclaw)
        }
    }

    @Test("an answer to OpenClaw's connect that is GoClaw's goes on as that on the same connection")
    func answeredAsGoClaw() async throws {
        let bench = try LinkBench(dialect: .auto)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            let (id, _) = try await connection.connect()
            connection.transport.deliver([
                "type": "res", "id": .string(id), "ok": true,
                "payload": ["protocol": 3, "status": "pending_pairing", "server": ["name": "goclaw"]],
            ])
            let frame = try await connection.frame()
            #expect(frame["params"]?["token"] == "secret")
            connection.transport.deliver([
                "type": "res", "id": frame["id"] ?? "", "ok": true, "payload": ["protocol": 3, "role": "operator"],
            ])
            #expect(try await gateway.connected().dialect == .goclaw)
        }
    }

    @Test("a server that says nothing at all is given up within twenty seconds")
    func silence() async throws {
        let bench = try LinkBench(dialect: .auto)
        try await bench.run { gateway async throws in
            let began = bench.clock.now
            _ = try await gateway.next()
            for seconds in [2, 10] {
                await bench.clock.sleeper(until: bench.clock.now + .seconds(seconds))
                bench.clock.advance(by: .seconds(seconds))
            }
            let wait = try await gateway.wait()
            #expect(wait.condition.summary.contains("did not answer"))
            #expect(began.duration(to: bench.clock.now) <= .seconds(20))
        }
    }
}
