import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// What an operator can do at a gateway.
extension PracticeGateway {
    // MARK: Looking

    package var pendingDevices: [PairingQueue.Request] { pairing.pending(at: loop.now) }

    package var pendingSurfaces: [SurfaceApprovals.Request] { surfaces.pending(at: loop.now) }

    /// Nil when it is not connected.
    package func node(_ id: String) -> NodeView? { peers[id]?.view }

    package var nodes: [NodeView] { peers.values.map(\.view) }

    // MARK: Devices

    /// The device's next connect is let in.
    @discardableResult
    package func approveDevice(_ requestID: String) throws(PairingQueue.Fault) -> PairingQueue.Device {
        try approve(requestID)
    }

    package func rejectDevice(_ requestID: String) throws(PairingQueue.Fault) {
        let request = try pairing.reject(requestID, now: loop.now)
        events.emit(.pairingResolved(requestID: requestID, deviceID: request.deviceID, isApproved: false))
    }

    /// Unpairs it and closes its connections with 4001.
    package func removeDevice(_ deviceID: String) async throws(PairingQueue.Fault) {
        try pairing.remove(deviceID)
        surfaces.remove(deviceID)
        await close(4001, "device removed") { $0.id == deviceID }
    }

    /// The device's connections are closed with 4001; the new token reaches it only when it gets in otherwise.
    package func rotateToken(of deviceID: String) async throws(PairingQueue.Fault) {
        try pairing.rotateToken(deviceID, role: "node", to: Base64Text.urlText(SecureRandom.bytes(32)))
        await close(4001, "device removed") { $0.id == deviceID }
    }

    /// Takes the node role away until it is approved anew.
    package func revokeToken(of deviceID: String) async throws(PairingQueue.Fault) {
        try pairing.revokeToken(deviceID, role: "node")
        await close(4001, "device removed") { $0.id == deviceID }
    }

    /// Changes the shared secret; who came in with the old one is closed with 4001.
    package func rotateSharedSecret(_ authentication: Authentication) async {
        self.authentication = authentication
        await close(4001, "gateway auth changed") { [.token, .password].contains($0.credential) }
    }

    /// A one-time token as setup codes carry it.
    package func issueSetupToken() -> String {
        let token = Base64Text.urlText(SecureRandom.bytes(32))
        setupCodes.issue(token, now: loop.now)
        return token
    }

    private func close(_ code: UInt16, _ reason: String, _ concerns: (NodeView) -> Bool) async {
        for peer in connected.values.filter({ concerns($0.view) }) { await peer.close(code, reason) }
    }

    // MARK: Surfaces

    /// False when nothing of that id waits (any more). In the newest release the node has its commands at once.
    @discardableResult
    package func approveSurface(_ requestID: String) -> Bool {
        guard let request = surfaces.approve(requestID, now: loop.now) else { return false }
        if options.release == .newest {
            peers[request.nodeID]?.update {
                $0.live = request.surface
                $0.surfaceRequest = nil
            }
        }
        events.emit(.surfaceResolved(requestID: requestID, nodeID: request.nodeID, isApproved: true))
        return true
    }

    @discardableResult
    package func rejectSurface(_ requestID: String) -> Bool {
        guard let request = surfaces.reject(requestID, now: loop.now) else { return false }
        events.emit(.surfaceResolved(requestID: requestID, nodeID: request.nodeID, isApproved: false))
        return true
    }

    // MARK: Invoking

    /// Asks a node (nil: the only one) to run a command. Never throws: what went wrong is the result.
    ///
    /// `params`: JSON text. `copies`: how often the very same request is sent, which a correct gateway never does twice.
    package func invoke(
        _ command: String, params: String? = nil, on nodeID: String? = nil, timeout: Duration = .seconds(30),
        id: String = SecureRandom.uuid(), idempotencyKey: String? = nil, copies: Int = 1
    ) async -> InvokeResult {
        let nodeID = nodeID ?? (peers.count == 1 ? peers.keys.first : nil) ?? ""
        var call = Invoke(id: id, nodeID: nodeID, command: command)
        guard let peer = peers[nodeID] else { return InvokeResult(call, .unanswered(code: "NOT_CONNECTED")) }
        let view = peer.view
        let refusal = policy.refusal(
            of: command, live: view.live.commands, platform: view.platform, deviceFamily: view.deviceFamily)
        if let refusal { return InvokeResult(call, .refused(refusal)) }
        // The newest release asks again for what was not begun, and tells nobody (§6.2).
        let deadline = loop.now + timeout
        var left = timeout
        var attempts = 1
        while true {
            let result = await ask(
                peer, call, params: params, timeout: left, idempotencyKey: idempotencyKey, copies: copies)
            guard options.release == .newest, attempts < 5, case .failed("NODE_NOT_READY", _) = result.outcome,
                !invokes.hasProgress(call.id), loop.now + Self.retryDelay < deadline
            else { return result }
            // Cancelled: the next attempt ends at once.
            try? await loop.sleep(for: Self.retryDelay)
            attempts += 1
            left = deadline - loop.now
            call = Invoke(id: SecureRandom.uuid(), nodeID: nodeID, command: command)
        }
    }

    private static let retryDelay = Duration.milliseconds(250)

    private func ask(
        _ peer: NodePeer, _ call: Invoke, params: String?, timeout: Duration, idempotencyKey: String?, copies: Int
    ) async -> InvokeResult {
        let payload = JSONValue.members([
            "id": .string(call.id), "nodeId": .string(call.nodeID), "command": .string(call.command),
            // The gateways send null here when there are none, against their own schema.
            "paramsJSON": params.map { .string($0) } ?? .null,
            "timeoutMs": .number(Double(timeout.milliseconds)),
            "idempotencyKey": .string(idempotencyKey ?? SecureRandom.uuid()),
        ])
        let frame = JSONValue.members(["type": "event", "event": "node.invoke.request", "payload": payload]).bytes
        return await InvokeRun(gateway: self, peer: peer, call: call).run(frame, timeout: timeout, copies: copies)
    }

    /// How long the answer to a ping takes; nil: longer than `limit`, or the node is not connected.
    package func ping(_ nodeID: String, within limit: Duration) async -> Duration? {
        guard let connection = peers[nodeID]?.connection else { return nil }
        let began = loop.now
        // Whatever kept the answer away, there is none.
        do { try await connection.ping(Array("\(began)".utf8.suffix(100)), within: limit) } catch { return nil }
        return loop.now - began
    }

    // MARK: Mischief

    /// A message as it stands, to one node.
    package func send(_ message: OutgoingMessage, to nodeID: String) async throws(WebSocketError) {
        guard let peer = peers[nodeID] else { throw .lost(nil) }
        try await peer.connection.send(message)
    }

    package func close(_ nodeID: String, code: UInt16, reason: String) async {
        await peers[nodeID]?.close(code, reason)
    }

    /// Ends a node's connection without a word.
    package func reset(_ nodeID: String) {
        peers[nodeID]?.reset()
    }
}

/// One invocation under way.
private struct InvokeRun: Sendable {
    let gateway: PracticeGateway
    let peer: NodePeer
    let call: Invoke

    func run(_ frame: [UInt8], timeout: Duration, copies: Int) async -> InvokeResult {
        let invokes = gateway.invokes
        let peer = peer
        let id = call.id
        invokes.expect(id, on: peer.number)
        let sentAt = gateway.loop.now
        let end = await before(sentAt + timeout, gateway.loop) { () -> InvokeTable.End in
            do throws(WebSocketError) {
                for _ in 0..<copies { try await peer.connection.send(.text(frame)) }
            } catch { return .connectionEnded }
            return await invokes.end(of: id)
        }
        switch end {
        case .reply(let reply): return InvokeResult(call, sentAt: sentAt, reply)
        case .connectionEnded: return InvokeResult(call, .unanswered(code: "NOT_CONNECTED"))
        case .abandoned where Task.isCancelled:
            await cancel()
            return InvokeResult(call, .unanswered(code: "ABORTED"))
        case .abandoned, nil:
            await cancel()
            return InvokeResult(call, .unanswered(code: "TIMEOUT"))
        }
    }

    /// The newest gateways tell the node that nobody waits any more.
    private func cancel() async {
        guard gateway.options.release.announcesCancel else { return }
        // A node that is gone has nothing left to cancel.
        try? await peer.send(
            event: "node.invoke.cancel", ["invokeId": .string(call.id), "nodeId": .string(call.nodeID)])
    }
}
