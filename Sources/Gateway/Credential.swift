/// Where a device token goes in `auth` (openclaw-gateway §2.5): gateways of January 2026 know no key of its own for it.
package enum DeviceTokenSlot: String, Codable, Sendable {
    case deviceToken, token
}

/// The one credential that a connect carries.
package enum Credential: Equatable, Sendable {
    case deviceToken(String, in: DeviceTokenSlot)
    case shared(token: String)
    case password(String)
    case nothing

    var auth: ConnectRequest.Auth? {
        switch self {
        case .deviceToken(let token, in: .deviceToken): ConnectRequest.Auth(deviceToken: token)
        case .deviceToken(let token, in: .token), .shared(let token): ConnectRequest.Auth(token: token)
        case .password(let password): ConnectRequest.Auth(password: password)
        case .nothing: nil
        }
    }

    var isDeviceToken: Bool {
        if case .deviceToken = self { return true }
        return false
    }
}

/// What the owner configured: used until the gateway has given a token of our own, and again when it refuses that.
package struct SharedSecret: Sendable {
    package var token: String?
    package var password: String?

    package init(token: String? = nil, password: String? = nil) {
        self.token = token
        self.password = password
    }

    /// With both, the token wins (openclaw-gateway §9.2).
    var credential: Credential {
        if let token { return .shared(token: token) }
        if let password { return .password(password) }
        return .nothing
    }
}
