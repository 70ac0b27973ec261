import LinuxIO
import NodeCore
import WebSocket

/// One connection of the families that greet first: as far as a node needs to go to know them (goclaw-gateway.md §5.4, §6.1).
struct ForeignConversation: Sendable {
    let gateway: GoClawGateway
    let client: GoClawClient

    func run() async -> GatewayEvent.Ending {
        do throws(WebSocketError) {
            try await greet()
            while let message = try await client.connection.receive() {
                // What is no JSON is none of these families' clients'.
                guard let frame = try? JSONReader.read(message.bytes) else { continue }
                try await take(frame, message.bytes)
            }
            return .node(client.connection)
        } catch {
            if error == .cancelled { await client.connection.close(.normal, reason: "") }
            return .lost("\(error)")
        }
    }

    private func greet() async throws(WebSocketError) {
        switch gateway.options.family {
        case .jsonRPC:
            try await client.send(["jsonrpc": "2.0", "method": "connected", "params": ["server": "goclaw"]])
        case .compat:
            // Its constructor drops both.
            try await client.send([
                "type": "event", "event": "connect.challenge", "payload": ["nonce": "", "ts": 0],
            ])
        default:
            try await client.send([
                "type": "event", "event": "connect.challenge",
                "params": ["nonce": "d41d8cd9", "ts": .number(Double(WallClock.milliseconds))],
            ])
        }
    }

    private func take(_ frame: JSONValue, _ message: [UInt8]) async throws(WebSocketError) {
        let method = frame["method"]?.string ?? ""
        let params = frame["params"] ?? [:]
        if method == "connect" {
            gateway.events.emit(.connect(connection: client.number, params: params))
            return try await connect(frame["id"] ?? "", params)
        }
        gateway.events.emit(.request(connection: client.number, method: method, params: params))
        if method == "node.invoke.result", let id = params["id"]?.string ?? params["invokeId"]?.string {
            let reply = InvokeReply(params: params, message: message, arrivedAt: gateway.loop.now)
            _ = gateway.invokes.deliver(reply, for: id, from: client.number)
        }
        try await client.send(["type": "res", "id": frame["id"] ?? "", "ok": true, "result": ["ok": true]])
    }

    private func connect(_ id: JSONValue, _ params: JSONValue) async throws(WebSocketError) {
        client.with { $0.role = .operator }
        switch gateway.options.family {
        case .jsonRPC: return
        case .compat:
            let wanted = 20_240_901
            guard (params["minProtocol"]?.integer ?? 0)...(params["maxProtocol"]?.integer ?? 0) ~= wanted else {
                return try await client.send(
                    Frames.response(
                        to: id, .failure(WireRefusal("PROTOCOL_MISMATCH", "protocol version not supported"))))
            }
            try await client.send([
                "type": "hello-ok", "protocol": .number(Double(wanted)),
                "server": ["version": "1.0.0", "connId": "c1"], "features": ["methods": [], "events": []],
                "snapshot": [:], "policy": ["maxPayload": 10_485_760],
            ])
        default:
            if let refusal = gateway.script.takeRefusal() {
                return try await client.send([
                    "type": "res", "id": id, "ok": false,
                    "error": ["code": -32001, "message": .string(refusal.message)],
                ])
            }
            try await client.send([
                "type": "res", "id": id, "ok": true,
                "result": [
                    "type": "hello-ok", "protocol": 3, "connId": "c1",
                    "features": ["methods": ["health"], "events": ["health"]],
                ],
            ])
        }
        gateway.events.emit(.admitted(connection: client.number, role: .operator, params: params))
    }
}
