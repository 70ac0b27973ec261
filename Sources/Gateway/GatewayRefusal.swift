import NodeCore

// In bytes. What is told of a refusal is kept, logged and shown; of a gateway that has not let us in, none of it may be long.
private let longestCode = 64
private let longestMessage = 500

/// An error a gateway answered `connect` with (openclaw-gateway §2.1, §5.7), whatever its release put in.
package struct GatewayRefusal: Error, Equatable, Sendable, Decodable {
    package var code: String
    package var message: String
    package var retryAfterMs: Int?
    package var details: Details

    package struct Details: Equatable, Sendable, Decodable {
        package var code: String?
        package var reason: String?
        package var requestId: String?
        package var canRetryWithDeviceToken: Bool?
        package var recommendedNextStep: String?

        package init(
            code: String? = nil, reason: String? = nil, requestId: String? = nil, canRetryWithDeviceToken: Bool? = nil,
            recommendedNextStep: String? = nil
        ) {
            self.code = code
            self.reason = reason
            self.requestId = requestId
            self.canRetryWithDeviceToken = canRetryWithDeviceToken
            self.recommendedNextStep = recommendedNextStep
        }

        private enum Key: String, CodingKey {
            case code, reason, requestId, canRetryWithDeviceToken, recommendedNextStep
        }

        /// Each member only refines; one of another type must not cost us the others.
        package init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            code = (try? members.decode(String.self, forKey: .code))?.cut(to: longestCode)
            reason = (try? members.decode(String.self, forKey: .reason))?.cut(to: longestMessage)
            requestId = try? members.decode(String.self, forKey: .requestId)
            canRetryWithDeviceToken = try? members.decode(Bool.self, forKey: .canRetryWithDeviceToken)
            recommendedNextStep = (try? members.decode(String.self, forKey: .recommendedNextStep))?
                .cut(to: longestCode)
        }
    }

    package init(code: String, message: String, retryAfterMs: Int? = nil, details: Details = Details()) {
        self.code = code
        self.message = message
        self.retryAfterMs = retryAfterMs
        self.details = details
    }

    private enum Key: String, CodingKey {
        case code, message, retryAfterMs, details
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        // A gateway that puts something else in one of these places still refuses.
        code = (try? members.decode(String.self, forKey: .code))?.cut(to: longestCode) ?? "UNKNOWN"
        // People read it, in a line.
        message = ((try? members.decode(String.self, forKey: .message)) ?? "").cut(to: longestMessage)
        retryAfterMs = try? members.decode(Int.self, forKey: .retryAfterMs)
        details = (try? members.decode(Details.self, forKey: .details)) ?? Details()
    }

    /// Only an id of this form is printed as part of a command line (§5.3).
    package var approvalRequestID: String? {
        guard let id = details.requestId, let first = id.utf8.first, id.utf8.count <= 128 else { return nil }
        let isClean =
            first.isASCIIAlphanumeric && id.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._:-".utf8.contains($0) }
        return isClean ? id : nil
    }
}
