/// A refused request: the error that the node reads and the close frame after it, worded as the gateways word them.
package struct WireRefusal: Error, Sendable, Equatable {
    package var code: String
    package var message: String
    package var details: JSONValue?
    package var retryable: Bool?
    package var retryAfterMs: Int?
    /// The close frame that follows; nil where the socket stays open.
    package var closeCode: UInt16?
    /// Nil: the message.
    package var closeReason: String?

    package init(
        _ code: String, _ message: String, details: JSONValue? = nil, retryable: Bool? = nil, retryAfterMs: Int? = nil,
        closeCode: UInt16? = 1008, closeReason: String? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.retryable = retryable
        self.retryAfterMs = retryAfterMs
        self.closeCode = closeCode
        self.closeReason = closeReason
    }

    package var error: JSONValue {
        .members([
            "code": .string(code), "message": .string(message), "details": details,
            "retryable": retryable.map { .bool($0) }, "retryAfterMs": retryAfterMs.map { .number(Double($0)) },
        ])
    }

    // MARK: The handshake's

    static func invalidParams(_ fault: String) -> WireRefusal {
        WireRefusal("INVALID_REQUEST", "invalid connect params: \(fault)")
    }

    static let firstMustBeConnect = WireRefusal(
        "INVALID_REQUEST", "invalid handshake: first request must be connect")

    static let invalidRole = WireRefusal("INVALID_REQUEST", "invalid role")

    static func protocolMismatch(_ offered: ClosedRange<Int>?, _ release: GatewayRelease) -> WireRefusal {
        let expected = JSONValue.number(Double(release.protocolVersion))
        let details: JSONValue =
            release == .newest
            ? .members([
                "code": "PROTOCOL_MISMATCH", "clientMinProtocol": offered.map { .number(Double($0.lowerBound)) },
                "clientMaxProtocol": offered.map { .number(Double($0.upperBound)) }, "expectedProtocol": expected,
                "minimumProbeProtocol": 3,
            ])
            : ["expectedProtocol": expected]
        return WireRefusal("INVALID_REQUEST", "protocol mismatch", details: details, closeCode: 1002)
    }

    /// Temporary, while the gateway starts (§2.7).
    package static func starting(retryAfterMs: Int = 500) -> WireRefusal {
        WireRefusal(
            "UNAVAILABLE", "gateway starting", details: ["reason": "startup-sidecars"], retryable: true,
            retryAfterMs: retryAfterMs, closeCode: 1013)
    }

    /// §5.7; the codes decide what the node does, the text is for people.
    package static func authentication(_ code: String, _ text: String, reason: String, next: String) -> WireRefusal {
        WireRefusal(
            "INVALID_REQUEST", "unauthorized: \(text)",
            details: [
                "code": .string(code), "authReason": .string(reason),
                "canRetryWithDeviceToken": .bool(next == "retry_with_device_token"),
                "recommendedNextStep": .string(next),
            ])
    }

    /// §5.3. `reason`: `not-paired`, `role-upgrade`, `scope-upgrade`, `metadata-upgrade`.
    package static func pairingRequired(
        _ requestID: String, reason: String, request: ConnectParams, release: GatewayRelease
    ) -> WireRefusal {
        let id = JSONValue.string(requestID)
        switch release {
        case .january:
            return WireRefusal("NOT_PAIRED", "pairing required", details: ["requestId": id])
        case .april:
            return WireRefusal(
                "NOT_PAIRED", "pairing required",
                details: ["code": "PAIRING_REQUIRED", "requestId": id, "reason": .string(reason)])
        case .newest:
            let requirement = reason == "not-paired" ? "device is not approved yet" : reason
            return WireRefusal(
                "NOT_PAIRED", "pairing required: \(requirement)",
                details: .members([
                    "code": "PAIRING_REQUIRED", "reason": .string(reason), "requestId": id,
                    "remediationHint": "Review the request, then approve it.",
                    "deviceId": request.device.map { .string($0.id) }, "requestedRole": .string(request.role),
                    "requestedScopes": .strings(request.scopes),
                ]),
                closeReason: "pairing required: \(requirement) (requestId: \(requestID))")
        }
    }

    // MARK: After it

    static func unauthorizedRole(_ role: String) -> WireRefusal {
        WireRefusal("INVALID_REQUEST", "unauthorized role: \(role)", closeCode: nil)
    }

    static func invalidRequest(_ message: String) -> WireRefusal {
        WireRefusal("INVALID_REQUEST", message, closeCode: nil)
    }

    /// As an older gateway would have it: the message alone.
    func withoutDetails() -> WireRefusal {
        var bare = self
        bare.details = nil
        return bare
    }
}
