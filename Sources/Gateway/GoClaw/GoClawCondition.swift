import NodeCore

/// The states of a GoClaw connection in words for the person who can help.
struct GoClawCondition {
    static let successionID = "pairing-expiry"

    let gateway: GatewayEndpoint
    var owner = NodeOwner.user

    /// A condition of any gateway's, with what helps at one of these.
    func adapted(_ condition: Condition) -> Condition {
        guard condition.remedy == LinkCondition.askGateway else { return condition }
        var adapted = condition
        adapted.remedy = "curl \(gateway.isTLS ? "https" : "http")://\(gateway.authority)/health"
        return adapted
    }

    func waiting(_ waiting: PairingProcedure.Waiting, isTokenRefused: Bool) -> Condition {
        let token = isTokenRefused ? "the gateway refuses the token; without it " : ""
        switch waiting {
        case .approval(let code):
            return Condition(
                id: "device-approval", severity: .warning,
                summary: token + "the gateway's operator has to approve this node's pairing code \(code.inOneLine) "
                    + "within the hour",
                remedy: Self.approval(of: code))
        case .quota:
            return Condition(
                id: "device-approval", severity: .warning,
                summary: token + "three others wait for their pairing already, and the gateway has no place for more; "
                    + "it is asked again after 20 minutes",
                remedy:
                    "goclaw pairing list, then approve or deny those; or a token: \(owner.clawnode) join \(gateway.shellWord) --token-file FILE"
            )
        case .denied:
            return Condition(
                id: "device-approval", severity: .warning,
                summary: token + "this node's pairing was denied, or nobody approved it within the hour; "
                    + "it is asked for again after 20 minutes",
                remedy: "wait for the next code: \(owner.clawnode) status --watch")
        case .unheard:
            return Condition(
                id: "device-approval", severity: .warning,
                summary: token + "this node has asked for its pairing, and the connection was lost before the answer; "
                    + "it is asked for again after 20 minutes",
                remedy: "wait for the next code: \(owner.clawnode) status --watch")
        }
    }

    private static func approval(of code: String) -> String {
        let isClean = !code.isEmpty && code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        return isClean ? "goclaw pairing approve \(code)" : "goclaw pairing list"
    }

    /// Nil where commands come as they should.
    func surface(_ registration: NodeRegistration, hasKey: Bool, isAdmin: Bool) -> Condition? {
        switch registration {
        case .host: return nil
        case .compute(_, .trusted, _): return nil
        case .compute(let id, _, _):
            return surface(
                .warning,
                "the gateway's admin has to trust this node (\(id.inOneLine)) before it is asked for anything",
                "nodes.list {\"nodeId\":\"\(id.inOneLine)\",\"trust\":\"trusted\"}, or in the gateway's web page")
        case .keyRefused(let fault):
            return surface(
                .error, "the gateway does not take this node's key: \(fault.message)",
                "have an admin make a new key, nodes.list {\"create\":true}, put it into the file that goclawNodeKeyFile "
                    + "names, then: \(owner.restart)")
        case .revoked:
            return surface(
                .error, "the gateway has revoked this node's key",
                "have an admin make a new key, nodes.list {\"create\":true}, put it into the file that goclawNodeKeyFile "
                    + "names, then: \(owner.restart)")
        case .unknown:
            return surface(
                .note,
                "this gateway offers no dispatch to nodes as far as it tells; commands that it sends are performed",
                hasKey
                    ? "no key is needed here: remove goclawNodeKeyFile"
                    : isAdmin
                        ? nil
                        : "where it is a build with nodes, give this one an admin's token: \(owner.clawnode) join \(gateway.shellWord) --token-file FILE"
            )
        }
    }

    private func surface(_ severity: Condition.Severity, _ summary: String, _ remedy: String?) -> Condition {
        Condition(id: GatewayLink.surfaceApprovalID, severity: severity, summary: summary, remedy: remedy)
    }

    /// That a pairing ends soon, or that one is asked for; nil for neither.
    func succession(_ memory: GoClawMemory, wallMs: Int) -> Condition? {
        let code = memory.successor.flatMap { $0.isAlive(at: wallMs) ? $0.code : nil }
        if let days = memory.pairing?.daysLeft(at: wallMs) {
            return Condition(
                id: Self.successionID, severity: .warning,
                summary: "this node's pairing ends in \(days) days"
                    + (code == nil ? ", and has to be approved anew then" : ""),
                remedy: code.map(Self.approval) ?? "wait for its code: \(owner.clawnode) status --watch")
        }
        guard let code else { return nil }
        return Condition(
            id: Self.successionID, severity: .note,
            summary: "this node is let in by the token; with a pairing of its own it stays when that changes",
            remedy: Self.approval(of: code))
    }
}

extension Condition {
    static func tenantClosed(_ gateway: GatewayEndpoint, _ owner: NodeOwner) -> Condition {
        Condition(
            id: "gateway-refused", severity: .error,
            summary: "the gateway's tenant is suspended or closed to this node; it is tried again every ten minutes",
            remedy:
                "ask the gateway's owner, or join with another token: \(owner.clawnode) join \(gateway.shellWord) --token-file FILE"
        )
    }
}
