/// Where a device token goes in `auth` (openclaw-gateway §2.5): gateways of January 2026 know no key of its own for it.
package enum DeviceTokenSlot: String, Codable, Sendable {
    case deviceToken, token
}

/// The one credential that a connect carries.
package enum Credential: Equatable, Sendable {
    case deviceToken(String, in: DeviceTokenSlot)
    case shared(token: String)
    /// Where the gateway itself has asked for the second beside the first (§5.6).
    case sharedAndDevice(token: String, deviceToken: String)
    case password(String)
    /// A setup code's, for one use.
    case bootstrap(String, in: DeviceTokenSlot)
    case nothing

    /// One that we were given, which may be forgotten by the time that its refusal is told.
    var token: String? {
        switch self {
        case .deviceToken(let token, in: _), .bootstrap(let token, in: _), .sharedAndDevice(_, let token): token
        case .shared(let token), .password(let token): token
        case .nothing: nil
        }
    }

    var auth: ConnectRequest.Auth? {
        switch self {
        case .deviceToken(let token, in: .deviceToken): ConnectRequest.Auth(deviceToken: token)
        case .bootstrap(let token, in: .deviceToken): ConnectRequest.Auth(bootstrapToken: token)
        case .deviceToken(let token, in: .token), .bootstrap(let token, in: .token), .shared(let token):
            ConnectRequest.Auth(token: token)
        case .sharedAndDevice(let token, let deviceToken): ConnectRequest.Auth(token: token, deviceToken: deviceToken)
        case .password(let password): ConnectRequest.Auth(password: password)
        case .nothing: nil
        }
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
