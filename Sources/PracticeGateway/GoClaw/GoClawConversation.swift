import LinuxIO
import NodeCore
import WebSocket

/// One connection of the families that wait for their client to speak (goclaw-gateway.md §2–5), from its upgrade to its end.
struct GoClawConversation: Sendable {
    let gateway: GoClawGateway
    let client: GoClawClient

    private var family: GoClawFamily { gateway.options.family }

    func run() async -> GatewayEvent.Ending {
        await withTaskGroup(of: GatewayEvent.Ending?.self) { group in
            group.addTask { await read() }
            group.addTask { await ping() }
            defer { group.cancelAll() }
            while let ending = await group.next() {
                if let ending { return ending }
            }
            return .lost("nobody reads")
        }
    }

    /// Each half minute; who does not answer within the next is gone.
    private func ping() async -> GatewayEvent.Ending? {
        do {
            while true {
                try await gateway.loop.sleep(for: .seconds(30))
                try await client.connection.ping([], within: .seconds(30))
            }
        } catch WebSocketError.timedOut {
            client.drop()
            return .lost("no pong")
        } catch { return nil }
    }

    private func read() async -> GatewayEvent.Ending {
        do throws(WebSocketError) {
            while let message = try await client.connection.receive() {
                if case .binary = message { note("a binary message") }
                if gateway.script.isMute { continue }
                try await take(message.bytes)
            }
            return .node(client.connection)
        } catch {
            switch error {
            case .violation(let code, let reason):
                note("breaks a limit or the WebSocket protocol: \(reason)")
                return .byGateway(code: code.rawValue, reason: reason)
            case .cancelled:
                await client.connection.close(.normal, reason: "")
                return .byGateway(code: 1000, reason: "")
            default: return .lost("\(error)")
            }
        }
    }

    private func take(_ message: [UInt8]) async throws(WebSocketError) {
        let frame: JSONValue
        do throws(JSONFault) { frame = try JSONReader.read(message) } catch {
            note("a message that is not JSON: \(error)")
            return try await client.respond(to: "", .failure(.invalidRequest("invalid frame: \(error)")))
        }
        if frame.holdsNull { note("a frame with a null in it: \(frame["method"]?.string ?? "")") }
        let type = frame["type"]?.string ?? ""
        if type == "res", let id = frame["id"], client.with({ $0.asked.remove(id.text) }) != nil {
            return gateway.events.emit(.response(connection: client.number, frame: frame))
        }
        guard type == "req" else {
            note("an unexpected frame of type \(type)")
            return try await client.respond(
                to: "", .failure(.invalidRequest("unexpected frame type: \(type)")))
        }
        guard let id = (frame["id"] ?? "").string else {
            note("a request whose id is no string")
            return try await client.respond(
                to: "", .failure(.invalidRequest("malformed request: json: cannot unmarshal number")))
        }
        if !client.with({ $0.requestIDs.insert(id).inserted }) { note("the request id \(id) a second time") }
        let method = frame["method"]?.string ?? ""
        try await answer(
            id, method, frame["params"] ?? [:],
            InvokeReply(
                params: frame["params"] ?? [:], message: message, arrivedAt: gateway.loop.now))
    }

    // MARK: Methods

    private func answer(
        _ id: String, _ method: String, _ params: JSONValue, _ reply: InvokeReply
    ) async throws(WebSocketError) {
        if method == "connect" { return try await connect(id, params) }
        gateway.events.emit(.request(connection: client.number, method: method, params: params))
        let state = client.with { ($0.role, $0.isPending) }
        guard state.0 != nil || (state.1 && method == "browser.pairing.status") else {
            return try await refuse(id, method, .goClawUnauthorized("first request must be 'connect'"))
        }
        // The server of G1 keeps silent about these.
        if method == "node.event", family == .nodeHost { return }
        do throws(WireRefusal) {
            let payload = try await gateway.perform(method, params, for: client, reply)
            try await respond(id, payload)
        } catch {
            try await refuse(id, method, error)
        }
        if method == "nodes.register", await gateway.trust[gateway.nodeID(ofKey: params["nodeKey"]) ?? ""] == .revoked {
            client.drop()
        }
    }

    private func connect(_ id: String, _ params: JSONValue) async throws(WebSocketError) {
        gateway.events.emit(.connect(connection: client.number, params: params))
        for frame in gateway.script.framesBeforeAnswer { try await client.send(frame) }
        do throws(WireRefusal) {
            if let refusal = gateway.script.takeRefusal() { throw refusal }
            let payload = try await gateway.admit(client, params)
            try await respond(id, payload)
        } catch {
            try await refuse(id, "connect", error)
        }
        if let role = client.role {
            gateway.events.emit(.admitted(connection: client.number, role: role, params: params))
        }
    }

    /// Whoever cannot be sent to is found gone by the reader.
    private func respond(_ id: String, _ payload: JSONValue) async throws(WireRefusal) {
        try? await client.respond(to: id, .success(payload))
    }

    private func refuse(_ id: String, _ method: String, _ refusal: WireRefusal) async throws(WebSocketError) {
        gateway.events.emit(.refused(connection: client.number, method: method, code: refusal.code))
        try await client.respond(to: id, .failure(refusal))
    }

    private func note(_ what: String) {
        gateway.note(what, client.number)
    }
}

extension JSONValue {
    /// GoClaw frames carry none (§6.2).
    fileprivate var holdsNull: Bool {
        switch self {
        case .null: true
        case .array(let elements): elements.contains(where: \.holdsNull)
        case .object(let object): object.members.contains { $0.value.holdsNull }
        default: false
        }
    }
}

extension WireRefusal {
    static func goClawUnauthorized(_ message: String) -> WireRefusal {
        WireRefusal("UNAUTHORIZED", message, closeCode: nil)
    }

    static func notFound(_ message: String) -> WireRefusal {
        WireRefusal("NOT_FOUND", message, closeCode: nil)
    }
}
