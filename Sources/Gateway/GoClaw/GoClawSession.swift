import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// One connection to a GoClaw gateway, from the first word, which is ours, to its end.
///
/// Whatever comes is read from the beginning on: answers, invocations and hints alike, whether we have been let in or not.
struct GoClawSession: Sendable {
    /// What is the same for all connections.
    struct Node: Sendable {
        let gateway: GatewayEndpoint
        let owner: NodeOwner
        let profile: NodeProfile
        let identity: DeviceIdentity
        let token: String?
        let key: GoClawNodeKey?
        let table: InvocationTable
        let memory: TokenKeeper
        let past: GoClawPast
        let crossing = GoClawCrossing()
        /// The gateway's HTTP side, where media are put.
        let ask: GatewayLink.Ask
        let timekeeper: any Timekeeper
        /// Fires when no more invocations are to be taken in.
        let stopping: OneShot
        let bell: WakeBell
        let log: Log
        let report: @Sendable (LinkEvent) -> Void

        var instanceID: String { profile.instanceID ?? identity.instanceID }
    }

    enum Outcome: Sendable {
        /// `isConfirmed`: whether the gateway has shown that it speaks GoClaw.
        case ended(Disconnect, Condition?, isConfirmed: Bool)
        /// The gateway speaks OpenClaw.
        case mistaken
    }

    enum End: Sendable {
        case lost(WebSocketError)
        case closedByPeer
        case silent
        case dead(since: Wake)
        case drained
        case mistaken
        /// JSON-RPC.
        case foreign
        case unanswered(String)
        case refused(PairingProcedure.Ending)
        case other
    }

    let node: Node
    let transport: any Transport
    let openedAt: ContinuousClock.Instant
    /// Whether it may turn out to speak OpenClaw.
    let isGuess: Bool

    /// `early`: what came before it was clear that it is a GoClaw gateway.
    func run(_ early: [WebSocketMessage]) async -> Outcome {
        transport.setWriteLimit(GoClawLimits.write)
        let line = GoClawLine(
            names: [node.instanceID, node.identity.deviceID], now: node.timekeeper.now)
        let end = await withTaskGroup(of: End.self) { group in
            // The reader first: whatever is asked below is answered to it.
            group.addTask { await read(early, line) }
            group.addTask { await watch(line) }
            group.addTask { await doubt(line) }
            group.addTask {
                await GoClawConduct(node: node, transport: transport, openedAt: openedAt, line: line).run()
            }
            group.addTask {
                do {
                    try await node.stopping.fired()
                    try await node.table.drained()
                    return .drained
                } catch { return .other }
            }
            let first = await group.next() ?? .other
            line.calls.end()
            group.cancelAll()
            return first
        }
        line.closed.fire()
        node.crossing.close()
        await node.table.abandon(line.closed)
        guard let (disconnect, condition) = await outcome(of: end, line) else { return .mistaken }
        return .ended(disconnect, condition, isConfirmed: line.isConfirmed)
    }

    /// Nil when the gateway speaks OpenClaw.
    private func outcome(of end: End, _ line: GoClawLine) async -> (Disconnect, Condition?)? {
        let served = line.readyAt.map { $0.duration(to: node.timekeeper.now) }
        // A credential that was refused is not presented in haste.
        let retry: Disconnect.Retry =
            line.restart.map { .after($0) } ?? (served == nil && line.wasRefused ? .credentials : .backoff)
        switch end {
        case .drained, .other:
            await transport.close(.goingAway, reason: "node stopping")
            return (Disconnect(.stopping, served: served), nil)
        case .silent:
            await transport.close(.goingAway, reason: "no sign of life")
            return (Disconnect(.silent, retry: retry, served: served), nil)
        case .dead(let wake):
            await transport.close(.goingAway, reason: "no answer")
            return (Disconnect(.dead(since: wake), retry: retry, served: served), nil)
        case .lost(let error):
            await transport.close(.normal, reason: "")
            return (Disconnect(.transport(error), retry: retry, served: served), nil)
        case .closedByPeer:
            let frame = transport.closeFrame ?? (.noStatus, "")
            if isGuess, !line.isConfirmed, [1002, 1003, 1008].contains(frame.code.rawValue) {
                return nil
            }
            let cause = Disconnect.Cause.closed(frame.code, reason: frame.reason)
            return (Disconnect(cause, retry: retry, served: served), nil)
        case .mistaken:
            await transport.close(.normal, reason: "")
            return nil
        case .foreign:
            await transport.close(.normal, reason: "")
            return (ForeignFamily.jsonRPC.disconnect, ForeignFamily.jsonRPC.condition(node.gateway, node.owner))
        case .unanswered(let what):
            await transport.close(.normal, reason: "")
            return (Disconnect(.handshake(what), retry: retry), nil)
        case .refused(let ending):
            await transport.close(.normal, reason: "")
            return refused(ending, served)
        }
    }

    private func refused(_ ending: PairingProcedure.Ending, _ served: Duration?) -> (Disconnect, Condition?)? {
        switch ending {
        case .mistaken where isGuess: return nil
        case .mistaken:
            let words = "the gateway does not understand GoClaw's connect"
            return (Disconnect(.handshake(words), served: served), nil)
        case .later(let milliseconds):
            let wait = milliseconds.map { Duration.milliseconds(min(max($0, 100), 600_000)) }
            return (
                Disconnect(
                    .handshake("the gateway cannot let this node in just now"),
                    retry: wait.map { .after($0) } ?? .backoff,
                    served: served), nil
            )
        case .shutOut:
            return (
                Disconnect(
                    .handshake("the tenant is closed to this node"), retry: .after(.seconds(600)), served: served),
                .tenantClosed(node.gateway, node.owner)
            )
        }
    }

    // MARK: Reading

    private func read(_ early: [WebSocketMessage], _ line: GoClawLine) async -> End {
        for message in early {
            if let end = await take(message.bytes, line) { return end }
        }
        while true {
            let message: WebSocketMessage?
            do throws(WebSocketError) { message = try await transport.receive() } catch {
                return error == .cancelled ? .other : .lost(error)
            }
            guard let message else { return .closedByPeer }
            line.heard(at: node.timekeeper.now)
            if let end = await take(message.bytes, line) { return end }
        }
    }

    private func take(_ message: [UInt8], _ line: GoClawLine) async -> End? {
        let frame: TolerantFrame
        do throws(JSONFailure) { frame = try TolerantFrame(message) } catch {
            node.log.debug("Frame ignored", ["bytes": "\(message.count)", "reason": "\(error)"])
            return nil
        }
        switch frame {
        case .response(let response):
            if !line.calls.take(response) { node.log.debug("Response ignored", ["id": response.id]) }
        case .event("connect.challenge", _) where isGuess && !line.isConfirmed: return .mistaken
        case .event("device.pair.resolved", _): line.giveHint()
        case .event("shutdown", let payload):
            let expected = payload?["restartExpectedMs"]?.integer ?? 1_000
            line.restart = .milliseconds(min(max(expected, 0), 10_000))
        case .event, .request:
            if let invocation = PushedInvocation(frame, commands: node.profile.commands) {
                await take(invocation, line)
            } else {
                node.log.debug("Event ignored")
            }
        case .jsonRPC: return .foreign
        case .other(let type): node.log.debug("Frame ignored", ["type": type])
        }
        return nil
    }

    private func take(_ invocation: PushedInvocation, _ line: GoClawLine) async {
        guard line.isOurs(invocation.node), let request = invocation.bounded else {
            return node.log.debug("Invocation ignored: it has no proper id or command, or is for another node")
        }
        node.report(.cleared(conditionID: GatewayLink.surfaceApprovalID))
        let sink = GoClawSink(
            way: GoClawWay(transport: transport, closed: line.closed), invocation: invocation.answered(as: request),
            messageLimit: GoClawLimits.message,
            gateway: GoClawSink.Gateway(upload: upload, crossing: node.crossing, stopping: node.stopping),
            timekeeper: node.timekeeper, began: node.timekeeper.now, log: node.log)
        await node.table.take(request, from: sink, isStopping: node.stopping.hasFired)
        // Cancelled, the session is over, and the next read says so.
        try? await node.table.hasRoom()
    }

    private var upload: MediaUpload? {
        if let sender = node.memory.memory.goclaw?.pairing?.senderId {
            let userID = GoClawConnect.userID(node.profile, node.identity)
            return MediaUpload(credential: .sender(sender, userID: userID), gateway: node.gateway, ask: node.ask)
        }
        return node.token.map { MediaUpload(credential: .token($0), gateway: node.gateway, ask: node.ask) }
    }

    // MARK: Signs of life

    /// A gateway that is busy answers pings late; one from which nothing at all comes for so long is gone.
    private func watch(_ line: GoClawLine) async -> End {
        while true {
            do { try await node.timekeeper.sleep(for: GoClawLimits.ping) } catch { return .other }
            await node.table.forget()
            do throws(WebSocketError) {
                try await transport.ping(SecureRandom.bytes(4), within: GoClawLimits.pong)
                line.heard(at: node.timekeeper.now)
                node.report(.ticked(GoClawLimits.silence / 2))
            } catch {
                guard case .timedOut = error else { continue }
            }
            if line.isSilent(at: node.timekeeper.now, bytesUnderWay: transport.bytesUnderWay) { return .silent }
        }
    }

    private func doubt(_ line: GoClawLine) async -> End {
        let proof = LifeProof(transport: transport, bell: node.bell, timekeeper: node.timekeeper) { line.hearing }
        return switch await proof.run() {
        case .dead(let wake): .dead(since: wake)
        case .lost(let error): .lost(error)
        case .cancelled: .other
        }
    }
}
