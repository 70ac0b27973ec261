/// What to do about a refused `connect`.
enum Reaction: Equatable, Sendable {
    /// The usual back-off.
    case retry
    /// The gateway says when; the back-off does not grow.
    case retryAfter(milliseconds: Int)
    /// At once, with something changed, once.
    case retryNow(Change)
    /// An operator has to approve; keep asking.
    case waitForApproval
    /// No retry mends this: every five minutes, and say so.
    case rarely(Trouble)
    /// The same, where the gateway says for how long it is of no use.
    case later(Trouble, milliseconds: Int)

    enum Change: Equatable, Sendable {
        case olderSignature, deviceTokenInTokenSlot, withoutDeviceToken, withDeviceTokenToo, withoutBootstrapToken
    }

    /// For the status: which of the things that a person can mend it is.
    enum Trouble: String, Equatable, Sendable {
        case credentials, bootstrapToken, rateLimit, identity, protocolVersion, pairingRejected, rejectedFrame
        /// Nothing that a node could say would be right.
        case gatewaySetup
    }

    /// How one of our connects went in: what a refusal means depends on it.
    struct Attempt: Equatable, Sendable {
        var credential: Credential
        var signature: SignatureVersion
        /// Whether there is another credential than a setup code's.
        var hasOther = false
        /// Whether a device token that was refused before may be sent once more, because the gateway is known to be the right one.
        var mayAddDeviceToken = false
    }

    init(to refusal: GatewayRefusal, of attempt: Attempt) {
        if let code = refusal.details.code, let known = Self.by(detail: code, refusal, attempt) {
            self = known
        } else {
            self = Self.by(message: refusal, attempt)
        }
    }

    /// The detail codes of openclaw-gateway §3.7 and §5.7.
    private static func by(detail code: String, _ refusal: GatewayRefusal, _ attempt: Attempt) -> Reaction? {
        switch code {
        // A request that has expired is replaced by the next connect's.
        case "PAIRING_REQUIRED", "PAIRING_EXPIRED": .waitForApproval
        case "PAIRING_REJECTED": .rarely(.pairingRejected)
        case "DEVICE_AUTH_SIGNATURE_INVALID": signatureRefused(attempt)
        case "DEVICE_AUTH_SIGNATURE_EXPIRED", "DEVICE_AUTH_NONCE_REQUIRED", "DEVICE_AUTH_NONCE_MISMATCH": .retry
        case "DEVICE_IDENTITY_REQUIRED": .rarely(.identity)
        // They say nothing of the credential we sent, so a token of our own is kept.
        case "AUTH_REQUIRED", "AUTH_UNAUTHORIZED": .retry
        case "AUTH_TOKEN_MISMATCH" where attempt.mayAddDeviceToken && refusal.details.wantsDeviceToken:
            .retryNow(.withDeviceTokenToo)
        case "AUTH_DEVICE_TOKEN_MISMATCH", "AUTH_TOKEN_MISMATCH", "AUTH_SCOPE_MISMATCH", "AUTH_PASSWORD_MISMATCH",
            "AUTH_TOKEN_MISSING", "AUTH_PASSWORD_MISSING":
            tokenRefused(attempt)
        // Used up by the connection whose hello we have not heard, or expired: what else we have may do.
        case "AUTH_BOOTSTRAP_TOKEN_INVALID":
            attempt.hasOther ? .retryNow(.withoutBootstrapToken) : .rarely(.bootstrapToken)
        case "AUTH_RATE_LIMITED": rateLimited(refusal)
        case "AUTH_TAILSCALE_IDENTITY_MISSING", "AUTH_TAILSCALE_IDENTITY_MISMATCH": .rarely(.credentials)
        case "PROTOCOL_MISMATCH", "CLIENT_VERSION_MISMATCH": .rarely(.protocolVersion)
        default: by(family: code)
        }
    }

    private static func by(family code: String) -> Reaction? {
        if code.hasPrefix("DEVICE_AUTH_") { return .rarely(.identity) }
        let isOfGateway =
            code.hasPrefix("AUTH_TAILSCALE_") || code.hasSuffix("_NOT_CONFIGURED")
            || ["AUTH_IDENTITY_HEADER_REQUIRED", "AUTH_VERIFIED_USER_REQUIRED"].contains(code)
            || code.hasPrefix("AUTHENTICATED_") || code.hasPrefix("OPERATOR_")
        if isOfGateway { return .rarely(.gatewaySetup) }
        if code.hasPrefix("AUTH_") { return .rarely(.credentials) }
        // Meant for browsers; it means that we look like one.
        if code.hasPrefix("CONTROL_UI_") { return .rarely(.rejectedFrame) }
        return nil
    }

    /// January's gateways send no details, and temporary refusals have none that are worth a code.
    private static func by(message refusal: GatewayRefusal, _ attempt: Attempt) -> Reaction {
        let text = refusal.message
        if text.hasPrefix("pairing required") { return .waitForApproval }
        if text.hasPrefix("device signature invalid") { return signatureRefused(attempt) }
        if text.hasPrefix("device signature expired") || text.hasPrefix("device nonce") { return .retry }
        if text.hasPrefix("unauthorized") || text.hasPrefix("device token mismatch") { return tokenRefused(attempt) }
        if text.hasPrefix("device ") { return .rarely(.identity) }
        if text.hasPrefix("protocol mismatch") { return .rarely(.protocolVersion) }
        if text.hasPrefix("invalid connect params") {
            switch attempt.credential {
            case .deviceToken(_, in: .deviceToken) where text.contains("deviceToken"),
                .bootstrap(_, in: .deviceToken) where text.contains("bootstrapToken"):
                return .retryNow(.deviceTokenInTokenSlot)
            default: return .rarely(.rejectedFrame)
            }
        }
        if text.hasPrefix("invalid role") || text.hasPrefix("invalid handshake")
            || text.hasPrefix("invalid request frame") || text.hasPrefix("preauth payload too large")
        {
            return .rarely(.rejectedFrame)
        }
        if refusal.code == "UNAVAILABLE", refusal.retryAfterMs != nil || refusal.details.reason == "startup-sidecars" {
            return .retryAfter(milliseconds: min(max(refusal.retryAfterMs ?? 500, 100), 2_000))
        }
        if refusal.code == "NOT_PAIRED" { return .waitForApproval }
        return .retry
    }

    private static func signatureRefused(_ attempt: Attempt) -> Reaction {
        attempt.signature == .v3 ? .retryNow(.olderSignature) : .rarely(.identity)
    }

    /// A token of our own that is refused is of no more use; what was configured may still be.
    private static func tokenRefused(_ attempt: Attempt) -> Reaction {
        switch attempt.credential {
        case .deviceToken: .retryNow(.withoutDeviceToken)
        case .bootstrap where attempt.hasOther: .retryNow(.withoutBootstrapToken)
        case .bootstrap: .rarely(.bootstrapToken)
        default: .rarely(.credentials)
        }
    }

    /// Gateways lock out for five minutes (§5.7); asked sooner, they begin anew.
    private static func rateLimited(_ refusal: GatewayRefusal) -> Reaction {
        guard let milliseconds = refusal.retryAfterMs else { return .rarely(.rateLimit) }
        return .later(.rateLimit, milliseconds: min(max(milliseconds, 1_000), 3_600_000))
    }
}

extension GatewayRefusal.Details {
    /// Releases say it in either way.
    fileprivate var wantsDeviceToken: Bool {
        canRetryWithDeviceToken == true || recommendedNextStep == "retry_with_device_token"
    }
}
