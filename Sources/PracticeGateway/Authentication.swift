/// How the gateway wants to be convinced that a node may speak to it at all (openclaw-gateway.md §2.5, §5.6, §5.7).
package enum Authentication: Sendable, Equatable {
    case open
    case token(String)
    case password(String)

    var name: String {
        switch self {
        case .open: "none"
        case .token: "token"
        case .password: "password"
        }
    }
}

/// What convinced it.
package enum ProvenCredential: String, Sendable {
    case nothing, token, password, deviceToken, bootstrapToken
}

extension Authentication {
    /// The gateways' order: shared secret, then a setup code (which wins when it is good), then a device token.
    ///
    /// `issued`: the device's own valid token. `isGoodSetupCode` is asked at most once.
    package func check(
        _ request: ConnectParams, issued: String?, isGoodSetupCode: (String) -> Bool
    ) throws(WireRefusal) -> ProvenCredential {
        if let code = request.bootstrapToken {
            if isGoodSetupCode(code) { return .bootstrapToken }
            if self != .open && shared(request) == nil {
                throw .authentication(
                    "AUTH_BOOTSTRAP_TOKEN_INVALID", "bootstrap token invalid or expired",
                    reason: "bootstrap_token_invalid", next: "review_auth_configuration")
            }
        }
        if let credential = shared(request) { return credential }
        if let offered = request.deviceToken ?? request.token, offered == issued { return .deviceToken }
        if self == .open { return .nothing }
        throw refusal(request, canUseDeviceToken: issued != nil)
    }

    private func shared(_ request: ConnectParams) -> ProvenCredential? {
        switch self {
        case .open: return nil
        case .token(let token): return request.token == token ? .token : nil
        case .password(let password): return request.password == password ? .password : nil
        }
    }

    private func refusal(_ request: ConnectParams, canUseDeviceToken: Bool) -> WireRefusal {
        if request.deviceToken != nil {
            return .authentication(
                "AUTH_DEVICE_TOKEN_MISMATCH", "device token mismatch (rotate/reissue device token)",
                reason: "device_token_mismatch", next: "update_auth_credentials")
        }
        switch self {
        case .open: preconditionFailure("nothing to be convinced of")
        case .token where request.token == nil:
            return .authentication(
                "AUTH_TOKEN_MISSING", "gateway token missing (provide gateway auth token)", reason: "token_missing",
                next: "update_auth_configuration")
        case .token:
            return .authentication(
                "AUTH_TOKEN_MISMATCH", "gateway token mismatch (provide gateway auth token)",
                reason: "token_mismatch",
                next: canUseDeviceToken ? "retry_with_device_token" : "update_auth_credentials")
        case .password where request.password == nil:
            return .authentication(
                "AUTH_PASSWORD_MISSING", "gateway password missing (provide gateway auth password)",
                reason: "password_missing", next: "update_auth_configuration")
        case .password:
            return .authentication(
                "AUTH_PASSWORD_MISMATCH", "gateway password mismatch (provide gateway auth password)",
                reason: "password_mismatch", next: "update_auth_credentials")
        }
    }
}
