/// The servers that carry the name GoClaw (goclaw-gateway.md §0), and one that talks as old clients of OpenClaw expect it.
package enum GoClawFamily: String, CaseIterable, Sendable {
    /// G0: no nodes.
    case core
    /// G0 before 18 April 2026: who has no right to anything is a viewer.
    case olderCore
    /// G1: nodes register in `connect`, and are asked by `node.invoke.request`.
    case nodeHost
    /// G2: nodes register with a key, and are asked by `node.invoke`.
    case computeNode
    /// G3: greets as OpenClaw does, without a nonce.
    case compat
    /// G4: JSON-RPC.
    case jsonRPC
    /// Integer ids and error codes, `result` and `params` (§6.1, last column).
    case controlCenter

    /// Whether it waits for its client to speak, and speaks the protocol of §1–4.
    package var isGoClaw: Bool {
        switch self {
        case .core, .olderCore, .nodeHost, .computeNode: true
        case .compat, .jsonRPC, .controlCenter: false
        }
    }
}

/// What a connection may do; nobody is ever a node.
package enum GoClawRole: String, Comparable, Sendable {
    case viewer, `operator`, admin, owner

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        case .owner: 3
        }
    }

    package static func < (left: GoClawRole, right: GoClawRole) -> Bool { left.rank < right.rank }
}

/// How a practice gateway of a GoClaw family behaves for its whole life.
package struct GoClawOptions: Sendable {
    package var family: GoClawFamily
    /// The gateway's token; without one everybody is an operator.
    package var token: String? = "gateway-token"
    package var apiKeys: [String: GoClawRole] = [:]
    /// `gateway.rate_limit_rpm`
    package var requestsPerMinute = 20
    /// Keys of compute nodes, by the node's id.
    package var nodeKeys: [String: String] = [:]
    package var heartbeatSeconds = 45
    /// What `GET /health` gets.
    package var health = #"{"status":"ok","protocol":3}"#

    package init(_ family: GoClawFamily) {
        self.family = family
    }
}
