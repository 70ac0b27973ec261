import LinuxIO

extension GoClawGateway {
    /// What a request of somebody who may speak comes to (§2.6, §3, §5). Throws what it is refused with.
    func perform(
        _ method: String, _ params: JSONValue, for client: GoClawClient, _ reply: InvokeReply
    ) async throws(WireRefusal) -> JSONValue {
        switch method {
        case "browser.pairing.status": return try status(params, client)
        case "health": return ["status": "ok"]
        case "device.pair.request":
            try demand(.operator, client)
            return try await requestPairing(params, client)
        case "node.list" where options.family == .nodeHost:
            try demand(.admin, client)
            let nodes = clients.values.compactMap { client in client.with { $0.node }.map { (client.id, $0) } }
            return [
                "count": .number(Double(nodes.count)),
                "nodes": .array(
                    nodes.map { id, node in
                        [
                            "nodeId": .string(node.id), "commands": .strings(node.commands), "clientId": .string(id),
                            "registeredAt": "2026-04-02T10:00:00Z",
                        ]
                    }),
            ]
        case "node.invoke.result" where options.family == .nodeHost:
            try demand(.admin, client)
            return try received(params, reply, client)
        case "nodes.register" where options.family == .computeNode: return try register(params, client)
        case "nodes.result" where options.family == .computeNode: return try delivered(params, reply, client)
        default: throw .invalidRequest("unknown method: \(method)")
        }
    }

    private func demand(_ role: GoClawRole, _ client: GoClawClient) throws(WireRefusal) {
        guard let own = client.role, own >= role else { throw .goClawUnauthorized("permission denied") }
    }

    private func status(_ params: JSONValue, _ client: GoClawClient) throws(WireRefusal) -> JSONValue {
        guard mayAsk(client.address) else {
            note("asks for its pairing too fast", client.number)
            throw WireRefusal("RESOURCE_EXHAUSTED", "rate limited", closeCode: nil)
        }
        guard let sender = params["sender_id"]?.string, Self.isSenderID(sender) else {
            note("asks for the pairing of an improper sender", client.number)
            throw .invalidRequest("sender_id is required")
        }
        return ["status": .string(pairings.status(of: sender, at: timekeeper.now).rawValue)]
    }

    private func requestPairing(_ params: JSONValue, _ client: GoClawClient) async throws(WireRefusal) -> JSONValue {
        guard let sender = params["senderId"]?.string, Self.isSenderID(sender), params["channel"] == "browser" else {
            note("asks for a pairing without a proper sender and channel", client.number)
            throw .invalidRequest("senderId and channel are required")
        }
        let account = params["accountId"]?.string ?? "default"
        if account == "default" { note("takes one of the shared slots with a token", client.number) }
        let request: GoClawPairings.Request
        do throws(GoClawPairings.Fault) { request = try self.request(sender, account: account) } catch {
            throw .invalidRequest("max pending pairing requests (3) exceeded")
        }
        await announce(request)
        return ["code": .string(request.code)]
    }

    /// Letters and digits first, at most 128 of them and of a few signs (§3.2).
    static func isSenderID(_ text: String) -> Bool {
        func isAlphanumeric(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber)
        }
        guard let first = text.first, text.count <= 128, isAlphanumeric(first) else { return false }
        return text.allSatisfy { isAlphanumeric($0) || "._:@-".contains($0) }
    }

    // MARK: Nodes of G1

    /// Whatever its id.
    private func received(
        _ params: JSONValue, _ reply: InvokeReply, _ client: GoClawClient
    ) throws(WireRefusal) -> JSONValue {
        guard let id = params["id"]?.string, params["ok"]?.bool != nil else {
            note("a result without id or ok", client.number)
            throw .invalidRequest("id is required")
        }
        if let payload = params["payloadJSON"], payload.string.map(Self.isJSON) != true {
            note("a payloadJSON that is no JSON text", client.number)
        }
        if case .repeated = invokes.deliver(reply, for: id, from: Self.anyConnection) {
            note("a second result for \(id)", client.number)
        }
        return ["received": true]
    }

    private static func isJSON(_ text: String) -> Bool { (try? JSONReader.read(Array(text.utf8))) != nil }

    // MARK: Compute nodes, of G2

    nonisolated func nodeID(ofKey key: JSONValue?) -> String? {
        options.nodeKeys.first { $0.value == key?.string }?.key
    }

    private func register(_ params: JSONValue, _ client: GoClawClient) throws(WireRefusal) -> JSONValue {
        guard let key = params["nodeKey"]?.string, key.hasPrefix("gnk_"), key.count == 68 else {
            throw .invalidRequest("nodeKey format")
        }
        guard let id = nodeID(ofKey: params["nodeKey"]), let trust = trust[id] else {
            throw .goClawUnauthorized("unknown node key")
        }
        guard trust != .revoked else {
            throw WireRefusal("FAILED_PRECONDITION", "node revoked", closeCode: nil)
        }
        client.with { _ = $0.computeNodes.insert(id) }
        seenAt[id] = timekeeper.now
        let capabilities = (params["capabilities"]?.array ?? []).filter { ["exec", "fs", "browser"].contains($0) }
        return [
            "nodeId": .string(id), "name": .string(params["name"]?.string ?? ""), "trust": .string(trust.rawValue),
            "capabilities": .array(capabilities), "heartbeatSecs": .number(Double(options.heartbeatSeconds)),
        ]
    }

    private func delivered(
        _ params: JSONValue, _ reply: InvokeReply, _ client: GoClawClient
    ) throws(WireRefusal) -> JSONValue {
        let id = params["nodeId"]?.string ?? ""
        guard client.with({ $0.computeNodes.contains(id) }) else {
            note("a result from a socket that has not registered", client.number)
            throw .goClawUnauthorized("not the registered socket")
        }
        let output = (params["stdout"]?.string ?? "").utf8.count
        if output > 64 << 10 { note("\(output) bytes of stdout, of which the last 64 KiB are kept", client.number) }
        guard params["exitCode"]?.integer != nil else { note("a result without exitCode", client.number); return [:] }
        let finding = invokes.deliver(reply, for: params["invokeId"]?.string ?? "", from: Self.anyConnection)
        if case .repeated = finding { note("a second result", client.number) }
        if case .delivered = finding { return ["delivered": true] }
        return ["delivered": false]
    }
}
