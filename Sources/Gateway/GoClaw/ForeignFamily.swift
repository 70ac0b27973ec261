import NodeCore

/// Servers that carry the name GoClaw and have no node surface that could be used (goclaw-gateway §0, G3 and G4).
enum ForeignFamily: Equatable, Sendable {
    /// Speaks JSON-RPC.
    case jsonRPC
    /// Greets as OpenClaw does, but without a nonce, and asks no node for anything (§5.4).
    case compat

    /// Asked rarely, in case another takes its place.
    var disconnect: Disconnect {
        Disconnect(.handshake(words), retry: .after(.seconds(300)))
    }

    func condition(_ gateway: GatewayEndpoint, _ owner: NodeOwner) -> Condition {
        Condition(
            id: "protocol", severity: .error, summary: "\(gateway): \(words); this node cannot serve it",
            remedy: "join a gateway of OpenClaw's, or of GoClaw's main line: \(owner.clawnode) join wss://GATEWAY")
    }

    private var words: String {
        switch self {
        case .jsonRPC: "the server speaks JSON-RPC, as the gateway of smallnest/goclaw does"
        case .compat: "the server speaks the protocol of smallnest/goclaw's compatibility package"
        }
    }
}
