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

    enum Change: Equatable, Sendable {
        case olderSignature, deviceTokenInTokenSlot, withoutDeviceToken
    }

    /// For the status: which of the things that a person can mend it is.
    enum Trouble: String, Equatable, Sendable {
        case credentials, bootstrapToken, rateLimit, identity, protocolVersion, pairingRejected, rejectedFrame
    }

    /// How one of our connects went in: what a refusal means depends on it.
    struct Attempt: Equatable, Sendable {
        var credential: Credential
        var signature: SignatureVersion
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
        case "AUTH_DEVICE_TOKEN_MISMATCH", "AUTH_TOKEN_MISMATCH", "AUTH_SCOPE_MISMATCH", "AUTH_PASSWORD_MISMATCH",
            "AUTH_TOKEN_MISSING", "AUTH_PASSWORD_MISSING":
            tokenRefused(attempt)
        case "AUTH_BOOTSTRAP_TOKEN_INVALID": .rarely(.bootstrapToken)
        case "AUTH_RATE_LIMITED": .rarely(.rateLimit)
        case "PROTOCOL_MISMATCH", "CLIENT_VERSION_MISMATCH": .rarely(.protocolVersion)
        default: by(family: code)
        }
    }

    private static func by(family code: String) -> Reaction? {
        if code.hasPrefix("DEVICE_AUTH_") { return .rarely(.identity) }
        if code.hasPrefix("AUTH_") || code.hasPrefix("AUTHENTICATED_") || code.hasPrefix("OPERATOR_") {
            return .rarely(.credentials)
        }
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
            if case .deviceToken(_, in: .deviceToken) = attempt.credential, text.contains("deviceToken") {
                return .retryNow(.deviceTokenInTokenSlot)
            }
            return .rarely(.rejectedFrame)
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
        attempt.credential.isDeviceToken ? .retryNow(.withoutDeviceToken) : .rarely(.credentials)
    }
}
