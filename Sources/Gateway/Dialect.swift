/// What a gateway speaks: two protocols that share the shape of their frames and little else.
package enum Dialect: String, Codable, Sendable {
    case openclaw, goclaw
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
