import NodeCore

/// How commands come to this node, once it is let in.
extension GoClawConduct {
    /// Finds out how commands may come (§5.6, P3); once for each connection, and whatever comes of it does not matter else.
    func register(_ hello: GoClawHello) async -> NodeRegistration {
        let now = node.timekeeper.now
        if let key = node.key, node.past.registersAgainAt.map({ now >= $0 }) ?? true {
            return registered(await call("nodes.register", registration(key)))
        }
        if node.key != nil { return .revoked }
        guard hello.role >= .admin else { return .unknown }
        return NodeRegistration(
            listing: await call("node.list", NoParameters()), nodeID: node.instanceID)
    }

    private func registration(_ key: GoClawNodeKey) -> NodeRegisterParams {
        NodeRegisterParams(
            nodeKey: key.text, name: String(node.profile.displayName.prefix(255)),
            platform: Self.platform)
    }

    /// As Go calls it.
    private static var platform: String {
        #if arch(arm64)
            "linux/arm64"
        #else
            "linux/amd64"
        #endif
    }

    private func registered(_ result: CallTable.Outcome) -> NodeRegistration {
        let registration = NodeRegistration(registering: result)
        switch registration {
        case .compute(let id, _, _): line.registered(as: id)
        case .revoked: node.past.registersAgainAt = node.timekeeper.now + .seconds(600)
        default: break
        }
        return registration
    }

    func tell(_ registration: NodeRegistration, _ role: GoClawHello.Role) {
        guard let condition = words.surface(registration, hasKey: node.key != nil, isAdmin: role >= .admin)
        else {
            return node.report(.cleared(conditionID: GatewayLink.surfaceApprovalID))
        }
        node.report(.raised(condition))
        guard node.past.isNews(condition) else { return }
        node.log.info("Commands", ["state": condition.summary, "run": condition.remedy ?? ""])
    }

    /// What was asked for on a connection before may be answered on this one.
    func offerCrossing(_ registration: NodeRegistration) {
        var way = GoClawWay(transport: transport, closed: line.closed)
        if case .compute = registration { way.isComputeNode = true }
        node.crossing.open(way)
    }

    /// Registers again before the registration is forgotten.
    func beat(_ first: NodeRegistration, _ role: GoClawHello.Role) async -> End {
        var last = first
        while case .compute(_, _, let heartbeat) = last, let key = node.key {
            do { try await node.timekeeper.sleep(for: heartbeat) } catch { return .other }
            let next = registered(await call("nodes.register", registration(key)))
            // A heartbeat that went unanswered is followed by the next one.
            if case .unknown = next { continue }
            if next != last {
                tell(next, role)
                offerCrossing(next)
            }
            last = next
        }
        return await untilCancelled()
    }
}
