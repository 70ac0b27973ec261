/// Why a WebSocket connection ends (RFC 6455 §7.4).
package struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = CloseCode(rawValue: 1000)
    package static let goingAway = CloseCode(rawValue: 1001)
    package static let protocolError = CloseCode(rawValue: 1002)
    /// Told of a close frame without a code; never on the wire.
    package static let noStatus = CloseCode(rawValue: 1005)
    package static let invalidPayload = CloseCode(rawValue: 1007)
    package static let policyViolation = CloseCode(rawValue: 1008)
    package static let messageTooBig = CloseCode(rawValue: 1009)
    package static let serviceRestart = CloseCode(rawValue: 1012)
    package static let tryAgainLater = CloseCode(rawValue: 1013)
    package static let tickTimeout = CloseCode(rawValue: 4000)

    /// Whether a close frame may carry it: those that are registered, and the ranges of libraries and applications.
    package var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    package var description: String { String(rawValue) }
}

/// What a peer did that RFC 6455 or our limits do not allow, and the code it is closed with.
package struct Violation: Error, Equatable, Sendable, CustomStringConvertible {
    package let code: CloseCode
    package let reason: String

    static func protocolError(_ reason: String) -> Violation { Violation(code: .protocolError, reason: reason) }

    package var description: String { "\(reason) (\(code))" }
}

/// The payload of a close frame.
package struct CloseFrame: Equatable, Sendable {
    package let code: CloseCode
    package let reason: String

    package init(code: CloseCode, reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Nothing at all is `.noStatus`.
    init(payload: [UInt8]) throws(Violation) {
        guard !payload.isEmpty else {
            self.init(code: .noStatus, reason: "")
            return
        }
        guard payload.count >= 2 else { throw .protocolError("a close frame with half a code") }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .protocolError("close code \(code) on the wire") }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw Violation(code: .invalidPayload, reason: "a close reason that is not UTF-8")
        }
        self.init(code: code, reason: reason)
    }

    /// Reasons longer than fit are cut between characters.
    var payload: [UInt8] {
        guard code.mayBeSent else { return [] }
        var text = reason
        while text.utf8.count > 123 { text.removeLast() }
        return [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 255)] + Array(text.utf8)
    }
}
