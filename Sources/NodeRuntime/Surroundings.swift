import Glibc
import LinuxIO
import NodeConfiguration
import NodeCore

/// What the process was started with, taken once so that everything after it can be tested.
package struct Surroundings: Sendable {
    package var variables: [String: String]
    package var isRoot: Bool

    package init(variables: [String: String], isRoot: Bool) {
        self.variables = variables
        self.isRoot = isRoot
    }

    package static func current() -> Surroundings {
        Surroundings(variables: EnvironmentVariables.current(), isRoot: geteuid() == 0)
    }

    /// A variable that is set to something.
    package func value(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// With the variables that lead to the gateway as another process was started with them.
    package func onTheWay(of other: [String: String]) -> Surroundings {
        var surroundings = self
        for name in Self.ofTheWay {
            for name in [name, name.uppercased()] { surroundings.variables[name] = other[name] }
        }
        return surroundings
    }

    private static let ofTheWay = [
        "https_proxy", "all_proxy", "no_proxy", "CF_ACCESS_CLIENT_ID", "CF_ACCESS_CLIENT_SECRET",
        "OPENCLAW_GATEWAY_URL",
        "OPENCLAW_ALLOW_INSECURE_PRIVATE_WS",
    ]

    /// The locale of messages, as locale(7) finds it; nil where none is set.
    var language: String? { value("LC_ALL") ?? value("LANG") }

    /// The configuration file that is read when none is named; it need not exist.
    package var defaultConfigurationFile: String {
        ConfigurationFile.usualPath(isRoot: isRoot, variable: value)
    }

    /// Nil for a user without a home.
    package var defaultStateDirectory: String? {
        if isRoot { return NodeOwner.machineState }
        return (value("XDG_STATE_HOME") ?? value("HOME").map { $0 + "/.local/state" }).map { $0 + "/clawnode" }
    }

    /// Nil where only the state directory is left for it.
    var defaultRuntimeDirectory: String? {
        if isRoot { return NodeOwner.machineRuntime }
        return value("XDG_RUNTIME_DIR").map { $0 + "/clawnode" }
    }

    /// Whether a user whose own node has its state in `directory`, and does not run, may mean the system's, which runs. Its
    /// state is closed to them.
    package func mayMeanSystems(insteadOf directory: String) -> Bool {
        !isRoot && directory == defaultStateDirectory
            && access(NodeOwner.machineRuntime + "/" + NodeStatus.fileName, F_OK) == 0
    }

    /// What the machine's own node tells everybody; nil where it does not run, or tells nothing that is understood.
    package var systemsStatus: NodeStatus? {
        guard let bytes = try? StateFile.read(NodeOwner.machineRuntime + "/" + NodeStatus.fileName) else { return nil }
        return try? JSON.decode(NodeStatus.self, from: bytes)
    }

    /// Where clawnode-media.socket listens: the system's, or that of the user's own service manager. A service of the system
    /// has no directory of a user.
    var defaultMediaSocket: String {
        let directory = isRoot ? nil : value("XDG_RUNTIME_DIR")
        return (directory ?? "/run") + "/clawnode-media.sock"
    }
}
