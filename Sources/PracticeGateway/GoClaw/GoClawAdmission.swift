import LinuxIO
import NodeCrypto

extension GoClawGateway {
    /// Decides on a `connect` in the order of §2.4. Who is let in has its role afterwards; who is not may be so already.
    func admit(_ client: GoClawClient, _ params: JSONValue) async throws(WireRefusal) -> JSONValue {
        let token = params["token"]?.string ?? ""
        let sender = params["sender_id"]?.string ?? ""
        let userID = params["user_id"]?.string ?? ""
        if userID.isEmpty { note("connects without a user_id", client.number) }
        if token.isEmpty, params["token"] != nil { note("an empty token", client.number) }
        client.with { state in
            state.role = nil
            state.pairing = nil
            state.userID = userID
        }
        if !token.isEmpty, token == options.token { return welcome(client, .admin, params) }
        if let role = options.apiKeys[token] { return welcome(client, role, params) }
        if options.token == nil { return welcome(client, .operator, params) }
        if pairings.isPaired(sender, at: timekeeper.now) {
            client.with { $0.pairing = sender }
            return welcome(client, .operator, params)
        }
        if token.isEmpty, let request = try? request(client.id, account: "default") {
            client.with { $0.isPending = true }
            await announce(request)
            return .members([
                "protocol": 3, "status": "pending_pairing", "pairing_code": .string(request.code),
                "sender_id": .string(client.id), "server": server,
            ])
        }
        if options.family == .olderCore { return welcome(client, .viewer, params) }
        throw .goClawUnauthorized("permission denied: valid token or active pairing required")
    }

    private nonisolated var server: JSONValue? {
        options.family == .olderCore ? nil : ["name": "goclaw", "version": "v3.12.0"]
    }

    private func welcome(_ client: GoClawClient, _ role: GoClawRole, _ params: JSONValue) -> JSONValue {
        let registers = options.family == .nodeHost && params["mode"] == "node" && role >= .admin
        let commands = params["commands"]?.array?.compactMap(\.string) ?? []
        client.with { state in
            state.role = role
            if registers { state.node = (params["instanceId"]?.string ?? client.id, commands) }
        }
        let bare: [JSONObject.Member] = [
            .init(key: "protocol", value: 3), .init(key: "role", value: .string(role.rawValue)),
            .init(key: "user_id", value: .string(params["user_id"]?.string ?? "")),
        ]
        guard let server else { return .object(JSONObject(bare)) }
        return .object(
            JSONObject(
                bare + [
                    .init(key: "tenant_id", value: "0193a5b0-7000-7000-8000-000000000001"),
                    .init(key: "is_owner", value: false), .init(key: "is_master_scope", value: true),
                    .init(key: "edition", value: "standard"), .init(key: "server", value: server),
                    .init(key: "tenant_name", value: "Master"), .init(key: "tenant_slug", value: "master"),
                ]))
    }

    /// Asks for a pairing in the name of `sender`.
    func request(_ sender: String, account: String) throws(GoClawPairings.Fault) -> GoClawPairings.Request {
        let known = Set(pairings.pending(at: timekeeper.now).map(\.code))
        let letters = SecureRandom.bytes(8).map { GoClawPairings.alphabet[Int($0) % GoClawPairings.alphabet.count] }
        let request = try pairings.request(
            sender, channel: "browser", accountID: account, code: String(letters), now: timekeeper.now)
        if !known.contains(request.code) { events.emit(.pairingRequested(request)) }
        return request
    }

    func announce(_ request: GoClawPairings.Request) async {
        await broadcast(
            "device.pair.requested",
            [
                "code": .string(request.code), "sender_id": .string(request.senderID),
                "channel": .string(request.channel), "chat_id": "",
            ])
    }
}
