import LinuxIO
import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// One node, of which nothing is said, and every gateway there is (goclaw-gateway §6.3, §8).
@Suite(.timeLimit(.minutes(5))) struct GoClawDetectionTests {
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
            let questions = bench.gateway.events.all.count { if case .healthAsked = $0 { true } else { false } }
            #expect(questions == 1)
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

    @Test("a gateway of OpenClaw's that greets late is known by its health, and not spoken to before")
    func lateGreeting() async throws {
        try await SocketBench.run { bench async throws in
            let greeting = OneShot()
            bench.gateway.faults.greeting = greeting
            try await bench.node(dialect: .auto) { node async throws in
                var seen = bench.gateway.events.reader()
                await node.clock.sleeper(until: node.clock.now + .seconds(2))
                node.clock.advance(by: .seconds(2))
                try await seen.first { if case .healthAsked = $0 { () } else { nil } }
                greeting.fire()
                #expect(try await node.connected().dialect == .openclaw)
                #expect(await bench.isUndisturbed)
            }
        }
    }

    @Test("a gateway that has greeted may take its time over connect, though its dialect was not known")
    func slowHello() async throws {
        let bench = try LinkBench(dialect: .auto)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            let (id, _) = try await connection.connect()
            await bench.clock.sleeper(until: bench.clock.now + .seconds(2))
            bench.clock.advance(by: .seconds(12))
            // Whoever has waited for the greeting looks now.
            for _ in 0..<1_000 { await Task.yield() }
            connection.transport.deliver(Samples.hello(to: id))
            #expect(try await gateway.connected().dialect == .openclaw)
        }
    }

    @Test("where a server before a GoClaw gateway answers for its health as OpenClaw's do, that is believed once")
    func misleadingHealth() async throws {
        try await GoClawBench.run(.core, change: { $0.health = #"{"ok":true}"# }) { bench async throws in
            try await bench.node(.auto, token: "gateway-token") { node async throws in
                var seen = bench.gateway.events.reader()
                await node.listen()
                try await seen.first { if case .healthAsked = $0 { () } else { nil } }
                bench.clock.advance(by: .seconds(15))
                let wait = try await node.wait()
                #expect(wait.condition.summary.contains("handshake"))
                #expect(!bench.gateway.events.all.contains { if case .connect = $0 { true } else { false } })
                await node.pass(wait)
                await node.listen()
                #expect(try await node.connected().dialect == .goclaw)
            }
        }
    }

    /// What an OpenClaw gateway may answer to GoClaw's connect.
    enum Misfit: CaseIterable, Sendable {
        case challenge, invalidRequest, policyViolation, protocolError
    }

    @Test(
        "a greeting that comes too late, or connect not understood, turns to OpenClaw at once",
        arguments: Misfit.allCases)
    func misfit(_ misfit: Misfit) async throws {
        let bench = try LinkBench(dialect: .auto)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            await bench.clock.sleeper(until: bench.clock.now + .seconds(2))
            bench.clock.advance(by: .seconds(2))
            let frame = try await connection.frame()
            #expect(frame["params"]?["user_id"] != nil)
            switch misfit {
            case .challenge: connection.transport.deliver(text: Samples.challenge)
            case .invalidRequest:
                connection.transport.deliver(
                    Samples.refusal(to: frame["id"]?.string ?? "", .error("INVALID_REQUEST", "invalid connect params")))
            case .policyViolation: connection.transport.close(1008, "connect required")
            case .protocolError: connection.transport.close(1002, "")
            }
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
