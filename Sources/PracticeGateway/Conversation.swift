import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// One connection from the challenge to its end.
struct Conversation: Sendable {
    let gateway: PracticeGateway
    let connection: WebSocketConnection
    let number: Int

    /// What ends a handshake that leads nowhere.
    private enum Failure: Error {
        case rejected(Rejected)
        case close(code: UInt16, reason: String)
        case reset
        case gone(GatewayEvent.Ending)
    }

    func run() async {
        var peer: NodePeer?
        let ending: GatewayEvent.Ending
        do {
            let newPeer = try await shakeHands()
            peer = newPeer
            ending = await NodeRequests(gateway: gateway, peer: newPeer).serve()
        } catch {
            ending = await end(error)
        }
        if let peer { await gateway.ended(peer) }
        gateway.events.emit(
            .closed(connection: number, nodeID: peer?.id, peer?.ending(seen: ending) ?? ending))
    }

    // MARK: The handshake

    private func shakeHands() async throws -> NodePeer {
        let options = gateway.options
        let deadline = gateway.loop.now + (options.handshakeTimeout ?? options.release.handshakeTimeout)
        let nonce = SecureRandom.uuid()
        if let greeting = gateway.faults.greeting {
            _ = await before(deadline, gateway.loop) { try? await greeting.fired() }
        }
        let challengedAt = WallClock.milliseconds
        try await send([
            "type": "event", "event": "connect.challenge",
            "payload": ["nonce": .string(nonce), "ts": .number(Double(challengedAt))],
        ])
        for text in gateway.faults.framesBeforeHello { try await connection.send(.text(Array(text.utf8))) }

        let first = try await firstMessage(before: deadline)
        let frame: JSONValue
        let params: ConnectParams
        do throws(Rejected) {
            frame = try gateway.check.request(first, tell: note)
            params = try gateway.check.params(frame, tell: note)
        } catch { throw Failure.rejected(error) }
        gateway.events.emit(.connect(connection: number, params))
        for advice in gateway.check.advice(params, challengedAt: challengedAt) { note(advice) }

        try await play(gateway.faults.takeAnswer(), frame, before: deadline)
        let admission: Admission
        do throws(WireRefusal) {
            let proof = try gateway.check.prove(params, nonce: nonce, now: WallClock.milliseconds)
            admission = try await gateway.admit(params, proof, connection, number)
        } catch {
            throw Failure.rejected(Rejected(id: frame["id"], worded(error)))
        }
        // Whoever cannot be sent to is found gone by the reader.
        try? await send(Frames.response(to: frame["id"] ?? "invalid", .success(admission.hello)))
        await gateway.welcome(admission.peer)
        return admission.peer
    }

    /// January told its nodes only which request waits.
    private func worded(_ refusal: WireRefusal) -> WireRefusal {
        gateway.options.release.givesDetails || refusal.message == "pairing required"
            ? refusal : refusal.withoutDetails()
    }

    private func firstMessage(before deadline: ContinuousClock.Instant) async throws -> [UInt8] {
        let connection = connection
        let received = await before(deadline, gateway.loop) { () -> Result<WebSocketMessage?, WebSocketError> in
            do throws(WebSocketError) { return .success(try await connection.receive()) } catch {
                return .failure(error)
            }
        }
        guard let received else { throw Failure.close(code: 1000, reason: "") }
        guard let message = try received.get() else { throw Failure.gone(.node(connection)) }
        if case .binary = message { note("a binary message") }
        if let limit = gateway.options.release.frameLimitBeforeHello, message.bytes.count > limit {
            note("a first message of \(message.bytes.count) bytes")
            throw Failure.close(code: 1009, reason: "preauth payload too large")
        }
        return message.bytes
    }

    /// What a script says instead of the gateway; comes back when it says nothing.
    private func play(
        _ answer: FaultSwitches.Answer, _ frame: JSONValue, before deadline: ContinuousClock.Instant
    ) async throws(Failure) {
        switch answer {
        case .ordinary: return
        case .refuse(let refusal): throw .rejected(Rejected(id: frame["id"], refusal))
        case .close(let code, let reason): throw .close(code: code, reason: reason)
        case .reset: throw .reset
        case .silence:
            // Cancelled: the gateway ends, and this connection with it.
            try? await gateway.loop.sleep(until: deadline)
            throw .close(code: 1000, reason: "")
        }
    }

    // MARK: The end

    private func end(_ error: any Error) async -> GatewayEvent.Ending {
        switch error {
        case Failure.rejected(let rejected):
            let refusal = rejected.refusal
            gateway.events.emit(.refused(connection: number, refusal))
            // A node that is gone already does not miss it.
            try? await send(Frames.response(to: rejected.id, .failure(refusal)))
            return await close(refusal.closeCode ?? 1008, refusal.closeReason ?? refusal.message)
        case Failure.close(let code, let reason): return await close(code, reason)
        case Failure.reset:
            connection.abort()
            return .lost("reset by the gateway")
        case Failure.gone(let ending): return ending
        case WebSocketError.cancelled, is CancellationError: return await close(1000, "")
        default: return .lost("\(error)")
        }
    }

    private func close(_ code: UInt16, _ reason: String) async -> GatewayEvent.Ending {
        await connection.close(CloseCode(rawValue: code), reason: reason)
        return .byGateway(code: code, reason: reason)
    }

    private func send(_ frame: JSONValue) async throws(WebSocketError) {
        try await connection.send(.text(frame.bytes))
    }

    private func note(_ what: String) {
        gateway.note(what, number)
    }
}

extension GatewayEvent.Ending {
    /// What the node's close frame said.
    static func node(_ connection: WebSocketConnection) -> GatewayEvent.Ending {
        guard let frame = connection.closeFrame else { return .lost("the end of the stream") }
        return .byNode(code: frame.code.rawValue, reason: frame.reason)
    }
}

/// What `body` gives, or nil when `deadline` comes first; then it is cancelled, and waited for.
func before<R: Sendable>(
    _ deadline: ContinuousClock.Instant, _ timekeeper: any Timekeeper, _ body: @escaping @Sendable () async -> R
) async -> R? {
    await withTaskGroup(of: R?.self) { group in
        group.addTask { await body() }
        group.addTask {
            // Cancelled when the body came first: the group has its value then.
            try? await timekeeper.sleep(until: deadline)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}
