import LinuxIO
import NodeCrypto
import WebSocket

/// A node that was let in, and what it is told.
struct Admission: Sendable {
    let peer: NodePeer
    let hello: JSONValue
}

extension PracticeGateway {
    /// Decides on a device that has proved itself: credentials, pairing, surface. Throws what it is refused with.
    func admit(
        _ params: ConnectParams, _ proof: ProofVersion, _ connection: WebSocketConnection, _ number: Int
    ) throws(WireRefusal) -> Admission {
        guard let deviceID = params.device?.id else { preconditionFailure("who proved itself has an id") }
        if let code = params.bootstrapToken, setupCodes.isConsumed(code) { note("uses a setup code again", number) }
        let issued = pairing.device(deviceID)?.tokens[params.role]
        let credential = try authentication.check(params, issued: issued) { code in
            setupCodes.bind(code, to: deviceID, now: loop.now)
        }
        let device = try pair(params, credential)
        if let code = params.bootstrapToken, credential == .bootstrapToken { setupCodes.consume(code) }

        let declared = policy.filter(
            params.surface, platform: device.platform, deviceFamily: device.deviceFamily)
        var assessment = surfaces.assess(
            deviceID, declared: declared, now: loop.now, newID: SecureRandom.uuid())
        if let request = assessment.request, options.approvesSurfaces {
            surfaces.approve(request.surface, of: deviceID)
            assessment = surfaces.assess(deviceID, declared: declared, now: loop.now, newID: request.id)
        }
        if let request = assessment.request, assessment.isNew { events.emit(.surfaceRequested(request)) }

        if let older = peers[deviceID], connected[older.number] != nil, !faults.isDeaf {
            note("connects while connection \(older.number) of the same node still stands", number)
        }
        let view = NodeView(
            id: deviceID, connection: number, displayName: params.displayName, version: params.version,
            platform: params.platform, deviceFamily: params.deviceFamily, declared: params.surface,
            live: assessment.live, surfaceRequest: assessment.request?.id, credential: credential, proof: proof)
        let hello = HelloOk(
            options: options, connectionID: SecureRandom.uuid(), deviceToken: device.tokens[params.role],
            role: params.role, scopes: params.scopes,
            operatorToken: credential == .bootstrapToken && options.release == .april
                ? Base64Text.urlText(SecureRandom.bytes(32)) : nil, now: WallClock.milliseconds,
            uptime: (loop.now - startedAt).milliseconds)
        return Admission(peer: NodePeer(connection, view), hello: hello.payload)
    }

    private func pair(
        _ params: ConnectParams, _ credential: ProvenCredential
    ) throws(WireRefusal) -> PairingQueue.Device {
        let request: PairingQueue.Request
        switch pairing.assess(params, now: loop.now, newID: SecureRandom.uuid()) {
        case .paired(let device): return device
        case .mustBeApproved(let wanted, let isNew):
            request = wanted
            if isNew { events.emit(.pairingRequested(request)) }
        }
        let isSilent = options.approvesDevices || (credential == .bootstrapToken && options.release == .april)
        if isSilent, let device = try? approve(request.id) { return device }
        var refusal = WireRefusal.pairingRequired(
            request.id, reason: request.reason, request: params, release: options.release)
        // The newest gateways redeem a node's setup code only once an operator has approved the device.
        if credential == .bootstrapToken, case .object(var details)? = refusal.details {
            details["recommendedNextStep"] = "wait_then_retry"
            details["pauseReconnect"] = false
            details["retryable"] = true
            refusal.details = .object(details)
        }
        throw refusal
    }

    func approve(_ requestID: String) throws(PairingQueue.Fault) -> PairingQueue.Device {
        let token = Base64Text.urlText(SecureRandom.bytes(32))
        let device = try pairing.approve(requestID, now: loop.now, token: token)
        events.emit(.pairingResolved(requestID: requestID, deviceID: device.id, isApproved: true))
        return device
    }

    /// After the hello is sent: from now on the node can be invoked, and whoever held its name is superseded.
    func welcome(_ peer: NodePeer) {
        peers[peer.id] = peer
        connected[peer.number] = peer
        events.emit(.hello(connection: peer.number, peer.view))
    }

    func ended(_ peer: NodePeer) {
        connected[peer.number] = nil
        // Until the newest release the end of any of a node's connections took the node off the list (§9.1).
        if options.release != .newest || peers[peer.id]?.number == peer.number { peers[peer.id] = nil }
        invokes.connectionEnded(peer.number)
    }
}
