import LinuxIO
import NodeCore
import WebSocket

/// Everything between a node's hello and its end: what it asks and answers, and the ticks it is sent.
struct NodeRequests: Sendable {
    let gateway: PracticeGateway
    let peer: NodePeer

    func serve() async -> GatewayEvent.Ending {
        await withTaskGroup(of: GatewayEvent.Ending?.self) { group in
            group.addTask { await read() }
            group.addTask {
                await tick()
                return nil
            }
            defer { group.cancelAll() }
            while let ending = await group.next() {
                if let ending { return ending }
            }
            return .lost("nobody reads")
        }
    }

    private func tick() async {
        do {
            try await peer.broadcast(event: "health", ["ok": true, "ts": .number(Double(WallClock.milliseconds))])
            try await peer.send(event: "voicewake.changed", ["triggers": ["openclaw", "claude", "computer"]])
            while true {
                try await gateway.loop.sleep(for: gateway.options.tickInterval)
                guard gateway.faults.sendsTicks else { continue }
                try await peer.broadcast(event: "tick", ["ts": .number(Double(WallClock.milliseconds))])
            }
        } catch {
            // Cancelled, or the connection is over; the reader tells which.
        }
    }

    private func read() async -> GatewayEvent.Ending {
        peer.connection.setMaxMessage(gateway.options.payloadLimit)
        var seen = Seen()
        do {
            while true {
                try await gateway.faults.hearing()
                guard let message = try await peer.connection.receive() else { return .node(peer.connection) }
                let arrivedAt = gateway.loop.now
                if case .binary = message { note("a binary message") }
                guard try await take(message.bytes, arrivedAt, &seen) else {
                    await peer.close(1008, "repeated unauthorized calls")
                    return .byGateway(code: 1008, reason: "repeated unauthorized calls")
                }
            }
        } catch {
            switch error {
            case WebSocketError.violation(let code, let reason):
                note("breaks the WebSocket protocol: \(reason)")
                return .byGateway(code: code.rawValue, reason: reason)
            case WebSocketError.cancelled, is CancellationError:
                await peer.close(1000, "")
                return .byGateway(code: 1000, reason: "")
            default: return .lost("\(error)")
            }
        }
    }

    private struct Seen {
        var ids: Set<String> = []
        var unauthorized = 0
    }

    /// False after too many calls of what a node may not call.
    private func take(
        _ message: [UInt8], _ arrivedAt: ContinuousClock.Instant, _ seen: inout Seen
    ) async throws -> Bool {
        let frame: JSONValue
        do throws(Rejected) { frame = try gateway.check.request(message, tell: note) } catch {
            try await peer.respond(to: error.id, .failure(error.refusal))
            return true
        }
        let id = frame["id"] ?? "invalid"
        let method = frame["method"]?.string ?? ""
        if !seen.ids.insert(id.string ?? "").inserted { note("the request id \(id.text) a second time") }
        guard gateway.options.release.nodeMethods.contains(method) else {
            note("calls \(method), which is not open to nodes")
            seen.unauthorized += 1
            try await peer.respond(to: id, .failure(.unauthorizedRole("node")))
            return seen.unauthorized < 10
        }
        seen.unauthorized = 0
        let reply = InvokeReply(params: frame["params"] ?? [:], message: message, arrivedAt: arrivedAt)
        try await peer.respond(to: id, answer(method, reply))
        return true
    }

    private func answer(_ method: String, _ request: InvokeReply) -> Result<JSONValue, WireRefusal> {
        let params = request.params
        if let definition = OpenClawSchema.Definition(paramsOf: method) {
            if let fault = gateway.check.strict.firstFault(in: params, as: definition) {
                note("\(method) params \(fault)")
            }
            if let fault = gateway.check.schema.firstFault(in: params, as: definition) {
                return .failure(.invalidRequest("invalid \(method) params: \(fault)"))
            }
        }
        switch method {
        case "node.invoke.result": return result(request)
        case "node.event": return nodeEvent(params)
        case "node.invoke.progress": return progress(params)
        default: break
        }
        gateway.events.emit(.request(connection: peer.number, method: method))
        let nodeID = JSONValue.string(peer.id)
        switch method {
        case "skills.bins": return .success(["bins": []])
        case "node.pending.pull": return .success(["nodeId": nodeID, "actions": []])
        case "node.pending.ack": return .success(["nodeId": nodeID, "ackedIds": [], "remainingCount": 0])
        case "node.pending.drain":
            return .success(["nodeId": nodeID, "revision": 0, "items": [], "hasMore": false])
        case "node.canvas.capability.refresh", "node.pluginSurface.refresh":
            return .failure(WireRefusal("UNAVAILABLE", "canvas host unavailable", closeCode: nil))
        default: return .success(["ok": true])
        }
    }

    private func result(_ reply: InvokeReply) -> Result<JSONValue, WireRefusal> {
        let id = reply.params["id"]?.string ?? ""
        guard reply.params["nodeId"]?.string == peer.id else {
            note("a result in the name of another node")
            return .failure(.invalidRequest("nodeId mismatch"))
        }
        if let text = reply.params["payloadJSON"]?.string {
            do throws(JSONFault) { _ = try JSONReader.read(Array(text.utf8)) } catch {
                note("payloadJSON that is not JSON: \(error)")
            }
        }
        let finding = gateway.invokes.deliver(reply, for: id, from: peer.number)
        switch finding {
        case .delivered, .late: break
        case .repeated: note("a second result for invocation \(id)")
        case .foreign: note("a result for invocation \(id) of another connection")
        case .unknown: note("a result for an invocation that never was: \(id)")
        }
        gateway.events.emit(
            .result(connection: peer.number, invokeID: id, isDelivered: finding == .delivered))
        return .success(finding == .delivered ? ["ok": true] : ["ok": true, "ignored": true])
    }

    private func progress(_ params: JSONValue) -> Result<JSONValue, WireRefusal> {
        let id = params["invokeId"]?.string ?? ""
        let number = params["seq"]?.integer ?? -1
        guard params["nodeId"]?.string == peer.id else {
            note("progress in the name of another node")
            return .failure(.invalidRequest("nodeId mismatch"))
        }
        let finding = gateway.invokes.progress(id, number: number, from: peer.number)
        switch finding {
        // Nobody waits any more: it may have crossed our cancellation.
        case .delivered, .late: break
        case .repeated: note("progress \(number) of invocation \(id) out of its turn")
        case .foreign: note("progress of invocation \(id) of another connection")
        case .unknown: note("progress of an invocation that never was: \(id)")
        }
        gateway.events.emit(.progress(connection: peer.number, invokeID: id, number: number))
        return .success(finding == .delivered ? ["ok": true] : ["ok": true, "ignored": true])
    }

    private func nodeEvent(_ params: JSONValue) -> Result<JSONValue, WireRefusal> {
        let name = params["event"]?.string ?? ""
        var payload = params["payload"]
        if let text = params["payloadJSON"]?.string {
            do throws(JSONFault) { payload = try JSONReader.read(Array(text.utf8)) } catch {
                note("payloadJSON of \(name) that is not JSON: \(error)")
            }
        }
        if let schema = OpenClawSchema.Definition(payloadOf: name), let payload,
            let fault = gateway.check.strict.firstFault(in: payload, as: schema)
        {
            note("\(name) \(fault)")
        }
        gateway.events.emit(.nodeEvent(connection: peer.number, name: name, payload: payload))
        guard gateway.options.release == .newest else { return .success(["ok": true]) }
        // Of whoever else sits where (node-commands §19).
        let isHandled =
            name != "node.presence.activity" || peer.view.live.permissions.contains("accessibility")
        return .success(["ok": true, "event": .string(name), "handled": .bool(isHandled)])
    }

    private func note(_ what: String) {
        gateway.note(what, peer.number)
    }
}

extension OpenClawSchema.Definition {
    /// The schema of an event's payload, where one is known.
    init?(payloadOf event: String) {
        switch event {
        case "node.host.stats": self = .hostStats
        case "node.presence.activity": self = .presenceActivity
        default: return nil
        }
    }

    /// The schema of a method's params, where one is known.
    init?(paramsOf method: String) {
        switch method {
        case "node.invoke.result": self = .invokeResult
        case "node.event": self = .nodeEvent
        case "node.invoke.progress": self = .progress
        case "node.pending.ack": self = .pendingAcknowledge
        case "node.pending.drain": self = .pendingDrain
        case "skills.bins", "node.pending.pull": self = .noParams
        default: return nil
        }
    }
}
