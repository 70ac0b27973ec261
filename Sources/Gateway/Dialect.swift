import NodeCore
import WebSocket

/// What a gateway speaks: two protocols that share the shape of their frames and little else.
package enum Dialect: String, Codable, Sendable {
    case openclaw, goclaw
}

extension Dialect {
    /// As the gateway's health tells it, which costs nothing; nil where that says nothing of it.
    package init?(of gateway: GatewayEndpoint, within limit: Duration, ask: GatewayLink.Ask) async {
        guard let answer = try? await ask(.get(gateway.path(ofHTTP: "/health")), limit) else { return nil }
        self.init(health: answer.body)
    }

    /// As a gateway's answer to `GET /health` shows it (goclaw-gateway §1.1, §6.3); nil for what neither writes: another server may
    /// stand before it.
    init?(health body: [UInt8]) {
        guard let members = try? JSON.decode([String: JSONTree].self, from: body) else { return nil }
        if members["protocol"]?.integer != nil {
            self = .goclaw
        } else if members["ok"]?.bool != nil {
            self = .openclaw
        } else {
            return nil
        }
    }
}

/// What the owner says of it.
package enum DialectSetting: String, CaseIterable, Codable, Sendable {
    /// It is found out at each connection, and remembered.
    case auto
    case openclaw, goclaw

    package var fixed: Dialect? {
        switch self {
        case .auto: nil
        case .openclaw: .openclaw
        case .goclaw: .goclaw
        }
    }
}
