/// A family of commands that is switched on as one, under the name that gateways know it by.
package struct Capability: Sendable {
    package let name: String
    package let handlers: [Handler]

    package init(name: String, handlers: [Handler]) {
        self.name = name
        self.handlers = handlers
    }
}

/// Something that is or may go wrong, in words for the person who can mend it.
package struct Condition: Codable, Equatable, Sendable {
    package enum Severity: String, Codable, Comparable, Sendable {
        case note, warning, error

        package static func < (left: Severity, right: Severity) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// Stable, for scripts: `certificate-mismatch`.
    package var id: String
    package var severity: Severity
    package var summary: String
    /// The exact line to run, where there is one.
    package var remedy: String?

    package init(id: String, severity: Severity, summary: String, remedy: String? = nil) {
        self.id = id
        self.severity = severity
        // It may quote a gateway.
        self.summary = summary.inOneLine
        self.remedy = remedy
    }
}

/// What has become of a condition, as whoever notices it tells whoever shows it.
package enum ConditionChange: Codable, Equatable, Sendable {
    /// New, or in other words than before.
    case raised(Condition)
    case cleared(id: String)
}
