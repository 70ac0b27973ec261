import Testing

@testable import Gateway

@Suite struct ReactionTests {
    typealias Attempt = Reaction.Attempt

    static let shared = Attempt(credential: .shared(token: "secret"), signature: .v3)
    static let own = Attempt(credential: .deviceToken("own", in: .deviceToken), signature: .v3)
    static let ownInOldSlot = Attempt(credential: .deviceToken("own", in: .token), signature: .v3)
    static let older = Attempt(credential: .shared(token: "secret"), signature: .v2)

    /// What openclaw-gateway §3.7 and §5.7 tell to do, for a shared token and for a token of our own.
    static let byDetail: [(code: String, shared: Reaction, own: Reaction)] = [
        ("DEVICE_IDENTITY_REQUIRED", .rarely(.identity), .rarely(.identity)),
        ("DEVICE_AUTH_DEVICE_ID_MISMATCH", .rarely(.identity), .rarely(.identity)),
        ("DEVICE_AUTH_SIGNATURE_EXPIRED", .retry, .retry),
        ("DEVICE_AUTH_NONCE_REQUIRED", .retry, .retry),
        ("DEVICE_AUTH_NONCE_MISMATCH", .retry, .retry),
        ("DEVICE_AUTH_SIGNATURE_INVALID", .retryNow(.olderSignature), .retryNow(.olderSignature)),
        ("DEVICE_AUTH_PUBLIC_KEY_INVALID", .rarely(.identity), .rarely(.identity)),
        ("DEVICE_AUTH_INVALID", .rarely(.identity), .rarely(.identity)),
        ("DEVICE_AUTH_OF_NEXT_YEAR", .rarely(.identity), .rarely(.identity)),
        ("AUTH_REQUIRED", .retry, .retry),
        ("AUTH_UNAUTHORIZED", .retry, .retry),
        ("AUTH_TOKEN_MISSING", .rarely(.credentials), .retryNow(.withoutDeviceToken)),
        ("AUTH_PASSWORD_MISSING", .rarely(.credentials), .retryNow(.withoutDeviceToken)),
        ("AUTH_TOKEN_NOT_CONFIGURED", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("AUTH_PASSWORD_NOT_CONFIGURED", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("AUTH_TOKEN_MISMATCH", .rarely(.credentials), .retryNow(.withoutDeviceToken)),
        ("AUTH_PASSWORD_MISMATCH", .rarely(.credentials), .retryNow(.withoutDeviceToken)),
        ("AUTH_DEVICE_TOKEN_MISMATCH", .rarely(.credentials), .retryNow(.withoutDeviceToken)),
        ("AUTH_SCOPE_MISMATCH", .rarely(.credentials), .retryNow(.withoutDeviceToken)),
        ("AUTH_BOOTSTRAP_TOKEN_INVALID", .rarely(.bootstrapToken), .rarely(.bootstrapToken)),
        ("AUTH_RATE_LIMITED", .rarely(.rateLimit), .rarely(.rateLimit)),
        ("AUTH_TAILSCALE_IDENTITY_MISSING", .rarely(.credentials), .rarely(.credentials)),
        ("AUTH_TAILSCALE_PROXY_MISSING", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("AUTH_TAILSCALE_WHOIS_FAILED", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("AUTH_TAILSCALE_IDENTITY_MISMATCH", .rarely(.credentials), .rarely(.credentials)),
        ("AUTH_IDENTITY_HEADER_REQUIRED", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("AUTH_VERIFIED_USER_REQUIRED", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("AUTHENTICATED_PROFILE_UNAVAILABLE", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("OPERATOR_ACCESS_DENIED", .rarely(.gatewaySetup), .rarely(.gatewaySetup)),
        ("CONTROL_UI_ORIGIN_NOT_ALLOWED", .rarely(.rejectedFrame), .rarely(.rejectedFrame)),
        ("CONTROL_UI_DEVICE_IDENTITY_REQUIRED", .rarely(.rejectedFrame), .rarely(.rejectedFrame)),
        ("PROTOCOL_MISMATCH", .rarely(.protocolVersion), .rarely(.protocolVersion)),
        ("CLIENT_VERSION_MISMATCH", .rarely(.protocolVersion), .rarely(.protocolVersion)),
        ("PAIRING_REQUIRED", .waitForApproval, .waitForApproval),
        ("PAIRING_EXPIRED", .waitForApproval, .waitForApproval),
        ("PAIRING_REJECTED", .rarely(.pairingRejected), .rarely(.pairingRejected)),
    ]

    @Test("does what each detail code asks for, whatever the text says", arguments: byDetail)
    func detail(_ code: String, _ shared: Reaction, _ own: Reaction) {
        let refusal = GatewayRefusal(
            code: "INVALID_REQUEST", message: "pairing required", details: GatewayRefusal.Details(code: code))
        #expect(Reaction(to: refusal, of: Self.shared) == shared)
        #expect(Reaction(to: refusal, of: Self.own) == own)
    }

    /// Without details: what January's gateways say, and what close reasons say when no answer came.
    static let byMessage: [(code: String, message: String, shared: Reaction, own: Reaction)] = [
        ("NOT_PAIRED", "pairing required", .waitForApproval, .waitForApproval),
        ("CLOSED", "pairing required: device is not approved yet (requestId: x)", .waitForApproval, .waitForApproval),
        ("NOT_PAIRED", "something else", .waitForApproval, .waitForApproval),
        ("NOT_PAIRED", "device identity required", .rarely(.identity), .rarely(.identity)),
        ("INVALID_REQUEST", "device identity mismatch", .rarely(.identity), .rarely(.identity)),
        ("INVALID_REQUEST", "device signature expired", .retry, .retry),
        ("INVALID_REQUEST", "device nonce required", .retry, .retry),
        ("INVALID_REQUEST", "device nonce mismatch", .retry, .retry),
        (
            "INVALID_REQUEST", "device signature invalid", .retryNow(.olderSignature), .retryNow(.olderSignature)
        ),
        ("INVALID_REQUEST", "device public key invalid", .rarely(.identity), .rarely(.identity)),
        (
            "INVALID_REQUEST", "unauthorized: gateway token mismatch (provide gateway auth token)",
            .rarely(.credentials), .retryNow(.withoutDeviceToken)
        ),
        (
            "CLOSED", "unauthorized: device token mismatch (rotate/reissue device token)", .rarely(.credentials),
            .retryNow(.withoutDeviceToken)
        ),
        (
            "CLOSED", "device token mismatch (rotate/reissue device token)", .rarely(.credentials),
            .retryNow(.withoutDeviceToken)
        ),
        ("INVALID_REQUEST", "protocol mismatch", .rarely(.protocolVersion), .rarely(.protocolVersion)),
        (
            "INVALID_REQUEST", "invalid connect params: at /auth: unexpected property 'deviceToken'",
            .rarely(.rejectedFrame), .retryNow(.deviceTokenInTokenSlot)
        ),
        (
            "INVALID_REQUEST", "invalid connect params: at /client: unexpected property 'x'", .rarely(.rejectedFrame),
            .rarely(.rejectedFrame)
        ),
        ("CLOSED", "invalid role", .rarely(.rejectedFrame), .rarely(.rejectedFrame)),
        (
            "CLOSED", "invalid handshake: first request must be connect", .rarely(.rejectedFrame),
            .rarely(.rejectedFrame)
        ),
        ("CLOSED", "invalid request frame: at /x", .rarely(.rejectedFrame), .rarely(.rejectedFrame)),
        ("CLOSED", "preauth payload too large", .rarely(.rejectedFrame), .rarely(.rejectedFrame)),
        ("CLOSED", "slow consumer", .retry, .retry),
        ("CLOSED", "", .retry, .retry),
        ("UNAVAILABLE", "gateway starting", .retry, .retry),
    ]

    @Test("without a detail code the text decides", arguments: byMessage.indices)
    func message(_ index: Int) {
        let (code, message, shared, own) = Self.byMessage[index]
        let refusal = GatewayRefusal(code: code, message: message)
        #expect(Reaction(to: refusal, of: Self.shared) == shared, "\(message)")
        #expect(Reaction(to: refusal, of: Self.own) == own, "\(message)")
    }

    @Test("a detail code of a later day leaves it to the text")
    func unknownDetail() {
        let details = GatewayRefusal.Details(code: "SOMETHING_NEW")
        let refusal = GatewayRefusal(code: "NOT_PAIRED", message: "pairing required: x", details: details)
        #expect(Reaction(to: refusal, of: Self.shared) == .waitForApproval)
        let unknown = GatewayRefusal(code: "NEW", message: "new", details: details)
        #expect(Reaction(to: unknown, of: Self.shared) == .retry)
    }

    /// For a setup code, with another credential at hand and without.
    static let ofSetupCode: [(code: String, other: Reaction, alone: Reaction)] = [
        ("AUTH_BOOTSTRAP_TOKEN_INVALID", .retryNow(.withoutBootstrapToken), .rarely(.bootstrapToken)),
        ("AUTH_TOKEN_MISMATCH", .retryNow(.withoutBootstrapToken), .rarely(.bootstrapToken)),
        ("AUTH_TOKEN_MISSING", .retryNow(.withoutBootstrapToken), .rarely(.bootstrapToken)),
        ("AUTH_RATE_LIMITED", .rarely(.rateLimit), .rarely(.rateLimit)),
        ("PAIRING_REQUIRED", .waitForApproval, .waitForApproval),
        ("DEVICE_AUTH_SIGNATURE_INVALID", .retryNow(.olderSignature), .retryNow(.olderSignature)),
    ]

    @Test("a setup code that is refused is of no more use; what else there is may be", arguments: ofSetupCode)
    func setupCode(_ code: String, _ other: Reaction, _ alone: Reaction) {
        let refusal = GatewayRefusal(code: "INVALID_REQUEST", message: "", details: .init(code: code))
        var attempt = Attempt(credential: .bootstrap("once", in: .deviceToken), signature: .v3)
        #expect(Reaction(to: refusal, of: attempt) == alone)
        attempt.hasOther = true
        #expect(Reaction(to: refusal, of: attempt) == other)
    }

    @Test("gateways that do not know a setup code's place get it in the token's")
    func setupCodeOfOldGateway() {
        let refusal = GatewayRefusal(
            code: "INVALID_REQUEST", message: "invalid connect params: at /auth: unexpected property 'bootstrapToken'")
        let attempt = Attempt(credential: .bootstrap("once", in: .deviceToken), signature: .v3)
        #expect(Reaction(to: refusal, of: attempt) == .retryNow(.deviceTokenInTokenSlot))
        let older = Attempt(credential: .bootstrap("once", in: .token), signature: .v3)
        #expect(Reaction(to: refusal, of: older) == .rarely(.rejectedFrame))
    }

    @Test("a gateway is given a device token beside the shared one where it asks for it and is known, and only then")
    func deviceTokenToo() {
        func reaction(_ details: GatewayRefusal.Details, mayAdd: Bool) -> Reaction {
            var attempt = Self.shared
            attempt.mayAddDeviceToken = mayAdd
            return Reaction(to: GatewayRefusal(code: "INVALID_REQUEST", message: "", details: details), of: attempt)
        }
        let asks: [GatewayRefusal.Details] = [
            .init(code: "AUTH_TOKEN_MISMATCH", canRetryWithDeviceToken: true),
            .init(code: "AUTH_TOKEN_MISMATCH", recommendedNextStep: "retry_with_device_token"),
        ]
        for details in asks {
            #expect(reaction(details, mayAdd: true) == .retryNow(.withDeviceTokenToo))
            #expect(reaction(details, mayAdd: false) == .rarely(.credentials))
        }
        let plain = GatewayRefusal.Details(
            code: "AUTH_TOKEN_MISMATCH", canRetryWithDeviceToken: false, recommendedNextStep: "update_auth_credentials")
        #expect(reaction(plain, mayAdd: true) == .rarely(.credentials))
    }

    @Test(
        "who is locked out for a time that the gateway tells asks again then, within reason",
        arguments: [(90_000, 90_000), (0, 1_000), (1 << 40, 3_600_000)])
    func lockedOut(_ told: Int, _ kept: Int) {
        let refusal = GatewayRefusal(
            code: "INVALID_REQUEST", message: "", retryAfterMs: told, details: .init(code: "AUTH_RATE_LIMITED"))
        #expect(Reaction(to: refusal, of: Self.shared) == .later(.rateLimit, milliseconds: kept))
    }

    @Test("the older signature is the last one to be tried")
    func olderSignature() {
        for refusal in [
            GatewayRefusal(code: "INVALID_REQUEST", message: "device signature invalid"),
            GatewayRefusal(
                code: "INVALID_REQUEST", message: "", details: .init(code: "DEVICE_AUTH_SIGNATURE_INVALID")),
        ] {
            #expect(Reaction(to: refusal, of: Self.older) == .rarely(.identity))
        }
    }

    @Test("the old slot is the last place for a device token")
    func oldSlot() {
        let refusal = GatewayRefusal(
            code: "INVALID_REQUEST", message: "invalid connect params: at /auth: unexpected property 'deviceToken'")
        #expect(Reaction(to: refusal, of: Self.ownInOldSlot) == .rarely(.rejectedFrame))
        let mismatch = GatewayRefusal(code: "INVALID_REQUEST", message: "unauthorized: gateway token mismatch")
        #expect(Reaction(to: mismatch, of: Self.ownInOldSlot) == .retryNow(.withoutDeviceToken))
    }

    @Test(
        "a gateway that starts is believed when it will be there, within reason",
        arguments: [(nil, 500), (500, 500), (0, 100), (-7, 100), (1_999, 1_999), (3_600_000, 2_000)])
    func starting(_ hint: Int?, _ milliseconds: Int) {
        let refusal = GatewayRefusal(
            code: "UNAVAILABLE", message: "gateway starting", retryAfterMs: hint,
            details: .init(reason: "startup-sidecars"))
        #expect(Reaction(to: refusal, of: Self.shared) == .retryAfter(milliseconds: milliseconds))
    }
}
