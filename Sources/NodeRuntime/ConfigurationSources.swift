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

    /// A file by itself, which need not be one.
    init(text: String) throws(ConfigurationError) {
        file = ""
        isFileNamed = false
        value = try ConfigurationFile.parse(Array(text.utf8), file)
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
}
