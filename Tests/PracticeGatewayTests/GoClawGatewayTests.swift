import LinuxIO
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

/// That the double of GoClaw's gateways is as strict as they are (goclaw-gateway §8).
@Suite(.timeLimit(.minutes(5))) struct GoClawGatewayTests {
    /// A gateway, the time that its codes go by, and connections to it.
    struct Bench: Sendable {
        let gateway: GoClawGateway
        let loop: EventLoop
        let clock: HandClock

        func dial(_ path: String = "/ws") async throws -> Line {
            Line(
                connection: try await WebSocketConnection.connect(
                    to: WebSocketTarget(host: "127.0.0.1", port: gateway.port, path: path), on: loop,
                    maxMessage: 1 << 20, timeout: .seconds(60)))
        }
    }

    struct Line: Sendable {
        let connection: WebSocketConnection

        func send(_ frame: JSONValue) async throws {
            try await connection.send(.text(frame.bytes))
        }

        /// The next frame of this type.
        func frame(_ type: String = "res") async throws -> JSONValue {
            while let message = try await connection.receive() {
                let frame = try JSONReader.read(message.bytes)
                if frame["type"]?.string == type { return frame }
            }
            throw WebSocketError.lost(nil)
        }

        func ask(_ method: String, _ params: JSONValue = [:], id: String = "1") async throws -> JSONValue {
            try await send(["type": "req", "id": .string(id), "method": .string(method), "params": params])
            return try await frame()
        }
    }

    /// Gives what the gateway has found wrong with its clients.
    @discardableResult
    private func run(
        _ family: GoClawFamily = .core, change: @Sendable (inout GoClawOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (Bench) async throws -> Void
    ) async throws -> [String] {
        var changed = GoClawOptions(family)
        change(&changed)
        let options = changed
        return try await onEventLoop { loop in
            let clock = HandClock()
            let gateway = try GoClawGateway(options, on: loop, timekeeper: clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask { try await body(Bench(gateway: gateway, loop: loop, clock: clock)) }
                try await group.next()
                group.cancelAll()
            }
            return gateway.violations.map(\.what)
        }
    }

    @Test("it waits for its client to speak, and lets nobody else do anything before connect")
    func silent() async throws {
        try await run { bench in
            let line = try await bench.dial()
            let refused = try await line.ask("health")
            #expect(refused["error"]?["code"] == "UNAUTHORIZED")
            #expect(try await line.ask("browser.pairing.status", id: "2")["error"]?["code"] == "UNAUTHORIZED")
        }
    }

    @Test("an id that is no string, what is no JSON, and frames that clients never send are refused without an id")
    func frames() async throws {
        let breaches = try await run { bench in
            let line = try await bench.dial()
            for text in [
                #"{"type":"req","id":1,"method":"connect"}"#, "{", #"{"type":"res","id":"1","ok":true}"#,
                #"{"type":"event","event":"x"}"#,
            ] {
                try await line.connection.send(.text(Array(text.utf8)))
                let frame = try await line.frame()
                #expect(frame["id"] == "")
                #expect(frame["error"]?["code"] == "INVALID_REQUEST")
            }
            // And stays open.
            #expect(try await line.ask("connect", ["user_id": "u"])["ok"] == true)
        }
        #expect(breaches.count == 4)
    }

    @Test("a message above 512 KiB costs the connection, with 1009")
    func tooLarge() async throws {
        let breaches = try await run { bench in
            let line = try await bench.dial()
            let text = #"{"type":"req","id":"1","method":"\#(String(repeating: "x", count: 512 << 10))"}"#
            try await line.connection.send(.text(Array(text.utf8)))
            #expect(try await line.connection.receive() == nil)
            #expect(line.connection.closeFrame?.code == .messageTooBig)
        }
        #expect(!breaches.isEmpty)
    }

    private static let orders: [(params: JSONValue, role: String?)] = [
        (["user_id": "u", "token": "gateway-token"], "admin"), (["user_id": "u", "token": "key"], "viewer"),
        (["user_id": "u", "token": "wrong"], nil),
    ]

    @Test("a token is judged first, and a wrong one is no reason for a pairing", arguments: orders)
    func tokens(_ sample: (params: JSONValue, role: String?)) async throws {
        try await run(change: { $0.apiKeys["key"] = .viewer }) { bench in
            let answer = try await bench.dial().ask("connect", sample.params)
            #expect(answer["payload"]?["role"]?.string == sample.role)
            #expect(answer["error"]?["code"]?.string == (sample.role == nil ? "UNAUTHORIZED" : nil))
            #expect(bench.gateway.events.all.allSatisfy { if case .pairingRequested = $0 { false } else { true } })
        }
    }

    @Test("an older gateway makes a viewer of whoever has no right to anything, and says little")
    func older() async throws {
        try await run(.olderCore) { bench in
            let payload = try await bench.dial().ask("connect", ["user_id": "u", "token": "wrong"])["payload"]
            #expect(payload == ["protocol": 3, "role": "viewer", "user_id": "u"])
        }
    }

    @Test("a pairing goes from pending to approved, denied, expired, and lets in with a wrong token too")
    func pairing() async throws {
        try await run { bench in
            let line = try await bench.dial()
            func pending(_ id: String) async throws -> (code: String, sender: String) {
                let payload = try await line.ask("connect", ["user_id": "u"], id: id)["payload"]
                #expect(payload?["status"] == "pending_pairing")
                return (payload?["pairing_code"]?.string ?? "", payload?["sender_id"]?.string ?? "")
            }
            func status(_ sender: String, _ id: String) async throws -> String? {
                try await line.ask("browser.pairing.status", ["sender_id": .string(sender)], id: id)["payload"]?[
                    "status"]?
                    .string
            }
            let first = try await pending("a")
            #expect(first.code.count == 8)
            #expect(try await pending("b").code == first.code)
            #expect(try await status(first.sender, "c") == "pending")
            bench.clock.advance(by: .seconds(3_600))
            #expect(try await status(first.sender, "d") == "expired")
            let second = try await pending("e")
            try await bench.gateway.deny(second.code)
            #expect(try await status(second.sender, "f") == "expired")
            let third = try await pending("g")
            try await bench.gateway.approve(third.code)
            #expect(try await status(third.sender, "h") == "approved")
            let admitted = try await bench.dial().ask(
                "connect", ["user_id": "u", "token": "wrong", "sender_id": .string(third.sender)])
            #expect(admitted["payload"]?["role"] == "operator")
            bench.clock.advance(by: .seconds(30 * 86_400))
            #expect(try await status(third.sender, "i") == "expired")
        }
    }

    @Test("three may wait, and every socket hears of each")
    func quota() async throws {
        try await run { bench in
            let watcher = try await bench.dial()
            for _ in 0..<3 {
                #expect(try await bench.dial().ask("connect", ["user_id": "u"])["ok"] == true)
                #expect(try await watcher.frame("event")["event"] == "device.pair.requested")
            }
            let refused = try await bench.dial().ask("connect", ["user_id": "u"])
            #expect(refused["error"]?["code"] == "UNAUTHORIZED")
        }
    }

    @Test("questions for a pairing are limited: five at once, then one in three seconds")
    func rateLimit() async throws {
        let breaches = try await run { bench in
            let line = try await bench.dial()
            let sender = try await line.ask("connect", ["user_id": "u"])["payload"]?["sender_id"] ?? ""
            func ask(_ id: Int) async throws -> JSONValue {
                try await line.ask("browser.pairing.status", ["sender_id": sender], id: "s\(id)")
            }
            for id in 0..<5 { #expect(try await ask(id)["ok"] == true) }
            #expect(try await ask(5)["error"]?["code"] == "RESOURCE_EXHAUSTED")
            bench.clock.advance(by: .seconds(3))
            #expect(try await ask(6)["ok"] == true)
        }
        #expect(breaches == ["asks for its pairing too fast"])
    }

    @Test("a pairing that is revoked costs its sockets without a word")
    func revoked() async throws {
        try await run { bench in
            let line = try await bench.dial()
            let payload = try await line.ask("connect", ["user_id": "u"])["payload"]
            try await bench.gateway.approve(payload?["pairing_code"]?.string ?? "")
            let sender = payload?["sender_id"]?.string ?? ""
            _ = try await line.ask("connect", ["user_id": "u", "sender_id": .string(sender)], id: "2")
            try await bench.gateway.revoke(sender)
            await #expect(throws: WebSocketError.self) { while try await line.connection.receive() != nil {} }
            #expect(line.connection.closeFrame == nil)
        }
    }

    @Test("/ is a page and everything else is not found")
    func paths() async throws {
        try await run { bench in
            for (path, status) in [("/", 200), ("/gateway", 404)] {
                do {
                    _ = try await bench.dial(path)
                    Issue.record("\(path) is a WebSocket")
                } catch WebSocketError.upgradeRefused(let answered, _) { #expect(answered == status) }
            }
        }
    }

    @Test("a compute node is registered by its key only, and asked only when trusted and heard of lately")
    func computeNode() async throws {
        let key = "gnk_" + String(repeating: "0", count: 64)
        try await run(.computeNode, change: { $0.nodeKeys["n"] = key }) { bench in
            let line = try await bench.dial()
            _ = try await line.ask("connect", ["user_id": "u", "token": "gateway-token"])
            func register(_ key: String, _ id: String) async throws -> JSONValue {
                try await line.ask("nodes.register", ["nodeKey": .string(key), "capabilities": ["exec", "x"]], id: id)
            }
            #expect(try await register("gnk_", "a")["error"]?["code"] == "INVALID_REQUEST")
            let stranger = "gnk_" + String(repeating: "1", count: 64)
            #expect(try await register(stranger, "b")["error"]?["code"] == "UNAUTHORIZED")
            let payload = try await register(key, "c")["payload"]
            #expect(payload?["trust"] == "pending")
            #expect(payload?["capabilities"] == ["exec"])
            #expect(await bench.gateway.invoke("c") == nil)
            await bench.gateway.setTrust(.trusted, of: "n")
            bench.clock.advance(by: .seconds(90))
            #expect(await bench.gateway.invoke("c") == nil)
        }
    }
}
