import NodeConfiguration
import NodeCore

/// Everything the configuration is made of, the stronger over the weaker: options, environment, files.
package struct ConfigurationSources: Sendable {
    /// The file that was read, whether it exists or not.
    package let file: String
    /// True when the file was named by an option or the environment, and not just the usual one.
    package let isFileNamed: Bool
    package let value: ConfigurationValue

    /// `options` holds what the command line said, under the configuration's keys.
    package init(
        file named: String?, options: [String: ConfigurationValue], surroundings: Surroundings
    ) throws(ConfigurationError) {
        let path = named ?? surroundings.value("CLAWNODE_CONFIG")
        file = path ?? surroundings.defaultConfigurationFile
        isFileNamed = path != nil
        let origin = ConfigurationValue.Origin.option("")
        let files = try ConfigurationFile.load(file, isRequired: isFileNamed)
        let environment = ConfigurationValue(.object(Self.environment(surroundings)), from: origin)
        let base = files.map { $0.merging(environment) } ?? environment
        value = base.merging(ConfigurationValue(.object(options), from: origin))
    }

    /// Variables that are keys by another name. Secrets are read where they are used and never become part of the tree.
    private static func environment(_ surroundings: Surroundings) -> [String: ConfigurationValue] {
        var values: [String: ConfigurationValue] = [:]
        func set(_ key: String, _ name: String, _ change: (String) -> String = { $0 }) {
            guard let text = surroundings.value(name) else { return }
            values[key] = ConfigurationValue(.string(change(text)), from: .environment(name))
        }
        set("gateway", "OPENCLAW_GATEWAY_URL")
        // systemd lists several directories with colons; ours is the first.
        set("stateDir", "STATE_DIRECTORY") { String($0.prefix { $0 != ":" }) }
        set("runtimeDir", "RUNTIME_DIRECTORY") { String($0.prefix { $0 != ":" }) }
        return values
    }

    /// Each value with its key and where it came from, for `config check`.
    package func origins() -> [(key: String, value: String, origin: ConfigurationValue.Origin)] {
        func list(
            _ value: ConfigurationValue, _ key: String
        ) -> [(key: String, value: String, origin: ConfigurationValue.Origin)] {
            guard case .object(let members) = value.content else { return [(key, Self.text(value), value.origin)] }
            return members.sorted { $0.key < $1.key }.flatMap {
                list($0.value, key.isEmpty ? $0.key : key + "." + $0.key)
            }
        }
        return list(value, "")
    }

    private static func text(_ value: ConfigurationValue) -> String {
        switch value.content {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): String(decoding: JSON.quoted(text), as: UTF8.self)
        case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
        case .object: "{…}"
        }
    }
}
