/// A value of the configuration, with the place it came from.
package struct ConfigurationValue: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case string(String)
        case array([ConfigurationValue])
        case object([String: ConfigurationValue])
    }

    package enum Origin: Sendable, Hashable, CustomStringConvertible {
        case file(String)
        case environment(String)
        case option(String)

        package var description: String {
            switch self {
            case .file(let path): path
            case .environment(let name): "environment variable \(name)"
            case .option(let name): "option \(name)"
            }
        }
    }

    package var content: Content
    package var origin: Origin

    package init(_ content: Content, from origin: Origin) {
        self.content = content
        self.origin = origin
    }

    /// Objects merge, everything else is replaced by what comes later.
    package func merging(_ later: ConfigurationValue) -> ConfigurationValue {
        guard case .object(let old) = content, case .object(let new) = later.content else { return later }
        return ConfigurationValue(.object(old.merging(new) { $0.merging($1) }), from: later.origin)
    }
}

/// What is wrong with the configuration, with the place and the key.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nil for the configuration as a whole.
    package let origin: ConfigurationValue.Origin?
    package let description: String

    package init(_ origin: ConfigurationValue.Origin?, key: String = "", _ problem: String) {
        self.origin = origin
        let place = [origin.map { "\($0)" } ?? "", key].filter { !$0.isEmpty }.joined(separator: ": ")
        description = place.isEmpty ? problem : "\(place): \(problem)"
    }
}
