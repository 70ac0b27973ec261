import Gateway
import NodeCore

/// The settings as they hold, each with where it came from: what `config check` shows. Never a secret, only where it is.
package struct ConfigurationReport: Sendable {
    package struct Line: Equatable, Sendable {
        package let key: String
        package let value: String
        /// A file, a variable, an option, or `default`.
        package let origin: String
    }

    package let lines: [Line]

    package init(
        _ sources: ConfigurationSources, _ configuration: Configuration, _ surroundings: Surroundings
    ) throws(ConfigurationError) {
        let said = Self.leaves(sources.value, "")
        let defaults = try Self.defaults(configuration, surroundings)
            .filter { line in !said.contains { $0.key == line.key } }
        lines = (said + defaults + Self.secrets(surroundings)).sorted { $0.key < $1.key }
    }

    private static func leaves(_ value: ConfigurationValue, _ key: String) -> [Line] {
        switch value.content {
        // As if it were not there.
        case .null: []
        case .object(let members):
            members.flatMap { leaves($0.value, key.isEmpty ? $0.key : key + "." + $0.key) }
        default: [Line(key: key, value: text(value), origin: value.origin.description)]
        }
    }

    private static func text(_ value: ConfigurationValue) -> String {
        switch value.content {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): quoted(text.contains("://") ? text.withoutSecrets : text)
        case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
        // A setting's value is never one.
        case .object: "{…}"
        }
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSON.quoted(text), as: UTF8.self)
    }

    /// What holds where nobody says anything. Settings that are then simply absent have no line.
    private static func defaults(
        _ configuration: Configuration, _ surroundings: Surroundings
    ) throws(ConfigurationError) -> [Line] {
        let fixed = try Configuration.reference(surroundings)
            // What is below an alias depends on which there are.
            .filter { !$0.path.hasPrefix("camera.aliases.") }
            .compactMap { key in key.standard.map { (key.path, $0) } }
        // It may be below the other.
        let own = [("runtimeDir", quoted(configuration.runtimeDirectory))]
        return Dictionary(fixed + own) { $1 }.map { Line(key: $0, value: $1, origin: "default") }
    }

    private static func secrets(_ surroundings: Surroundings) -> [Line] {
        [("token", "OPENCLAW_GATEWAY_TOKEN"), ("password", "OPENCLAW_GATEWAY_PASSWORD")].compactMap { name, variable in
            surroundings.value(variable).map { _ in
                Line(
                    key: name, value: "(not shown)", origin: ConfigurationValue.Origin.environment(variable).description
                )
            }
        }
    }
}
