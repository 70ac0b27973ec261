import LinuxIO
import NodeCrypto
import WebSocket

/// What an operator does at a GoClaw gateway, and what happens to it.
extension GoClawGateway {
    package var pendingPairings: [GoClawPairings.Request] { pairings.pending(at: timekeeper.now) }

    package func approve(_ code: String) async throws(GoClawPairings.Fault) {
        _ = try pairings.approve(code, now: timekeeper.now)
        await broadcast("device.pair.resolved", ["action": "approved"])
    }

    package func deny(_ code: String) async throws(GoClawPairings.Fault) {
        try pairings.deny(code, now: timekeeper.now)
        await broadcast("device.pair.resolved", ["action": "denied"])
    }

    /// Every socket that came in with it is dropped.
    package func revoke(_ senderID: String) async throws(GoClawPairings.Fault) {
        try pairings.revoke(senderID, channel: "browser")
        for client in clients.values where client.with({ $0.pairing }) == senderID { client.drop() }
        await broadcast("device.pair.resolved", ["action": "revoked"])
    }

    /// Somebody else's requests, in the shared account.
    package func fillQuota() {
        for _ in 0..<GoClawPairings.quota { _ = try? request(SecureRandom.uuid(), account: "default") }
    }

    package func setTrust(_ trust: ComputeTrust, of nodeID: String) {
        self.trust[nodeID] = trust
        guard trust == .revoked else { return }
        for client in clients.values where client.with({ $0.computeNodes.contains(nodeID) }) { client.drop() }
    }

    /// Ends every connection without a word.
    package func dropAll() {
        for client in clients.values { client.drop() }
    }

    // MARK: Asking nodes

    /// Asks a node in the way of this family. Gives the params of its result; nil when none came in time, or nobody can be asked.
    package func invoke(
        _ command: String, params: String = "", id: String = SecureRandom.uuid(), timeout: Duration = .seconds(30)
    ) async -> JSONValue? {
        switch options.family {
        case .nodeHost:
            let found = clients.values.first { $0.with { $0.node?.commands.contains(command) } == true }
            guard let found, let node = found.with({ $0.node }) else { return nil }
            let payload: JSONValue = [
                "id": .string(id), "nodeId": .string(node.id), "command": .string(command),
                "paramsJSON": .string(params),
            ]
            return await ask(found, id, "node.invoke.request", payload, timeout)
        case .computeNode:
            let isFresh = seenAt.filter { timekeeper.now - $0.value < .seconds(90) && trust[$0.key] == .trusted }
            guard let nodeID = isFresh.keys.first,
                let found = clients.values.first(where: { $0.with { $0.computeNodes.contains(nodeID) } })
            else { return nil }
            let payload: JSONValue = [
                "nodeId": .string(nodeID), "invokeId": .string(id), "command": .string(command),
                "args": .strings(params.isEmpty ? [] : [params]), "timeoutMs": .number(Double(timeout.milliseconds)),
            ]
            return await ask(found, id, "node.invoke", payload, timeout)
        default: return nil
        }
    }

    private func ask(
        _ client: GoClawClient, _ id: String, _ event: String, _ payload: JSONValue, _ timeout: Duration
    ) async -> JSONValue? {
        let invokes = invokes
        invokes.expect(id, on: Self.anyConnection)
        let end = await before(loop.now + timeout, loop) { () -> InvokeTable.End in
            do throws(WebSocketError) { try await client.send(event: event, payload) } catch { return .connectionEnded }
            return await invokes.end(of: id)
        }
        guard case .reply(let reply)? = end else { return nil }
        return reply.params
    }

    /// A frame as it stands, to every open socket. A request is remembered, so that its response is expected.
    package func push(_ frame: JSONValue) async {
        for client in clients.values {
            if frame["type"] == "req", let id = frame["id"] { client.with { _ = $0.asked.insert(id.text) } }
            // A socket that is gone is found so by its reader.
            try? await client.send(frame)
        }
    }
}
