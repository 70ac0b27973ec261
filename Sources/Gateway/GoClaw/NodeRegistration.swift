import NodeCore

/// How a GoClaw gateway may ask this node for something, as far as it tells (goclaw-gateway §5.6, P3).
enum NodeRegistration: Equatable, Sendable {
    /// G1: we are in its list.
    case host
    /// G2, under the id that its admin gave us.
    case compute(nodeID: String, trust: Trust, heartbeat: Duration)
    /// G2 knows the key no more, or never did.
    case keyRefused(GoClawFault)
    case revoked
    /// Commands may still be pushed.
    case unknown

    enum Trust: String, Sendable {
        case pending, trusted, revoked
    }

    /// From the response to `nodes.register`.
    init(registering result: CallTable.Outcome) {
        switch result {
        case .success(let payload):
            let seconds = payload?["heartbeatSecs"]?.integer ?? 45
            // Registered for ninety seconds each time.
            self = .compute(
                nodeID: (payload?["nodeId"]?.identifier ?? "").cut(to: 128),
                trust: payload?["trust"]?.string.flatMap(Trust.init(rawValue:)) ?? .pending,
                heartbeat: .seconds(min(max(seconds, 5), 60)))
        case .failure(let fault):
            switch fault.code {
            case "UNAUTHORIZED": self = .keyRefused(fault)
            case "FAILED_PRECONDITION": self = .revoked
            default: self = .unknown
            }
        }
    }

    /// From the response to `node.list`.
    init(listing result: CallTable.Outcome, nodeID: String) {
        let nodes = (try? result.get())?["nodes"]?.array ?? []
        self = nodes.contains { $0["nodeId"]?.identifier == nodeID } ? .host : .unknown
    }
}

/// The key of a compute node, as its gateway's admin got it.
package struct GoClawNodeKey: Equatable, Sendable {
    package let text: String

    /// Nil for what is none: `gnk_` and 64 hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.dropFirst(4).utf8
        guard text.hasPrefix("gnk_"), digits.count == 64,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.text = text
    }
}
