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

    private init(file: String, isFileNamed: Bool, value: ConfigurationValue) {
        self.file = file
        self.isFileNamed = isFileNamed
        self.value = value
    }

    /// What still counts when the configuration is not understood: where state and status are.
    package static func places(
        file named: String?, options: [String: ConfigurationValue], surroundings: Surroundings
    ) -> ConfigurationSources {
        // What is wrong with the files is known already; then only options and environment are left.
        let whole = (try? ConfigurationSources(file: named, options: options, surroundings: surroundings))?.value
        let rest = ConfigurationValue(.object(environment(surroundings).merging(options) { $1 }), from: .option(""))
        var places: [String: ConfigurationValue] = [:]
        if case .object(let members) = (whole ?? rest).content {
            places = members.filter { key, value in
                guard ["stateDir", "runtimeDir"].contains(key), case .string(let path) = value.content else {
                    return false
                }
                return !path.isEmpty
            }
        }
        let path = named ?? surroundings.value("CLAWNODE_CONFIG")
        return ConfigurationSources(
            file: path ?? surroundings.defaultConfigurationFile, isFileNamed: path != nil,
            value: ConfigurationValue(.object(places), from: .option("")))
    }

    /// Variables that are keys by another name. Secrets are read where they are used and never become part of the tree.
    private static func environment(_ surroundings: Surroundings) -> [String: ConfigurationValue] {
        var values: [String: ConfigurationValue] = [:]
        func set(_ key: String, _ name: String, _ change: (String) -> String = { $0 }) {
            guard let text = surroundings.value(name) else { return }
            values[key] = ConfigurationValue(.string(change(text)), from: .environment(name))
        }
        set("gateway", "OPENCLAW_GATEWAY_URL")
        if surroundings.value("OPENCLAW_ALLOW_INSECURE_PRIVATE_WS") == "1" {
            values["allowPlaintextPrivate"] = ConfigurationValue(
                .bool(true), from: .environment("OPENCLAW_ALLOW_INSECURE_PRIVATE_WS"))
        }
        // systemd lists several directories with colons; ours is the first.
        set("stateDir", "STATE_DIRECTORY") { String($0.prefix { $0 != ":" }) }
        set("runtimeDir", "RUNTIME_DIRECTORY") { String($0.prefix { $0 != ":" }) }
        return values
    }
}
