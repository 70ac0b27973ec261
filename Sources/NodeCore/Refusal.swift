/// Why an invocation was not performed, in the wire's words (node-commands §1.6): a code, and one line that says what to do.
package struct Refusal: Error, Equatable, Sendable {
    package struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package init(stringLiteral text: String) {
            rawValue = text
        }

        package static let invalidRequest: Code = "INVALID_REQUEST"
        package static let unavailable: Code = "UNAVAILABLE"
        package static let payloadTooLarge: Code = "PAYLOAD_TOO_LARGE"
        /// Nothing was done: newer gateways ask again by themselves.
        package static let nodeNotReady: Code = "NODE_NOT_READY"
        package static let permissionMissing: Code = "PERMISSION_MISSING"

        /// Whether somebody has to let the node: `PERMISSION_MISSING`, `CAMERA_PERMISSION_REQUIRED`.
        package var isPermission: Bool { rawValue.contains("PERMISSION") }

        /// `CAMERA_DISABLED` for `camera`; some are called otherwise on the wire.
        package static func disabled(_ capability: String) -> Code {
            let name =
                switch capability {
                case "microphone": "MIC"
                case "notify": "NOTIFICATIONS"
                default: capability.uppercased()
                }
            return Code(rawValue: name + "_DISABLED")
        }
    }

    package var code: Code
    /// Without the code; see `wireMessage`.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Agents read the text rather than the code, so it begins with the code.
    package var wireMessage: String { "\(code.rawValue): \(message)" }
}

extension Refusal {
    package static func unknownCommand(_ name: CommandName) -> Refusal {
        Refusal(.invalidRequest, "unknown command \(name); `clawnode commands` lists what this node offers")
    }

    /// What the asker hears when nothing more precise can be said without telling what is in the log.
    package static func failed(_ name: CommandName) -> Refusal {
        Refusal(.unavailable, "\(name) failed; the node's log says why")
    }

    package static let timedOut = Refusal(.unavailable, "TIMEOUT: not done within the given time; allow more timeoutMs")
    package static let cancelled = Refusal(.unavailable, "CANCELLED: the asker withdrew")
    package static let busy = Refusal(.unavailable, "BUSY: too many invocations at once; ask again in a moment")

    package static func tooLarge(_ size: Int, limit: Int, hint: String) -> Refusal {
        Refusal(.payloadTooLarge, "the reply has \(size) bytes, \(limit) fit; \(hint)")
    }
}

/// An error that a command may throw to its asker.
package protocol RefusalConvertible: Error {
    var refusal: Refusal { get }
}

extension Refusal: RefusalConvertible {
    package var refusal: Refusal { self }
}
