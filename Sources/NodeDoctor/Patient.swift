import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeDevice
import NodeRuntime

/// The node that is examined, and the machine that it is on.
package struct Patient: Sendable {
    /// When it is not understood, only the places of state and status hold.
    package let configuration: Configuration
    /// Why the configuration is not understood.
    let complaint: ConfigurationError?
    /// Why a file that is named in it cannot be used.
    let fileComplaint: ConfigurationError?
    let surroundings: Surroundings
    let daemon: Result<DaemonPresence, StateError>
    /// Who the daemon is, or would be: the owner of the state directory.
    let user: User
    /// What stands before the paths of the machine's own files: empty but for tests.
    let root: String
    let loop: EventLoop

    /// With the environment of the daemon that runs, else with that which systemd would start it with. Throws only when it is not
    /// even known where state would be.
    package static func found(
        file: String?, options: [String: ConfigurationValue], surroundings: Surroundings, root: String = "",
        on loop: EventLoop
    ) async throws(ConfigurationError) -> Patient {
        let patient = try Patient(
            file: file, options: options, surroundings: surroundings, root: root, on: loop)
        guard let variables = await patient.unitsVariables() else { return patient }
        return try Patient(
            file: file, options: options, surroundings: surroundings, unit: variables, root: root, on: loop)
    }

    /// What the unit sets, drop-ins included, where it is the unit's node and no daemon runs.
    private func unitsVariables() async -> [String: String]? {
        guard case .success(.absent) = daemon, configuration.stateDirectory == surroundings.defaultStateDirectory,
            let systemd = Systemd(self, isUsers: !surroundings.isRoot),
            let unit = await systemd.properties(
                ["LoadState", "Environment", "EnvironmentFiles"], of: UnitCheck.service),
            unit["LoadState"] == "loaded"
        else { return nil }
        var variables = Systemd.variables(unit["Environment"] ?? "")
        for line in (unit["EnvironmentFiles"] ?? "").split(separator: "\n") {
            // `PATH (ignore_errors=no)`. What may not be read here, or is not there, tells nothing.
            let path = line.firstRange(of: " (").map { line[..<$0.lowerBound] } ?? line
            variables.merge(Systemd.variables(inFile: text(String(path)) ?? "")) { $1 }
        }
        return variables
    }

    /// `unit`: the environment that it gives to a daemon, where none runs. Throws only when it is not even known where state would be.
    init(
        file: String?, options: [String: ConfigurationValue], surroundings: Surroundings,
        unit: [String: String]? = nil, root: String = "", on loop: EventLoop
    ) throws(ConfigurationError) {
        var surroundings = surroundings
        var reading = try Reading(file, options, surroundings)
        let presence = Result { [reading] () throws(StateError) in try DaemonPresence(reading.configuration) }
        // A proxy is usually named in the unit's environment, which is nobody else's. Why a daemon's presence cannot be read is told
        // by a check of its own.
        let pid = (try? presence.get())?.status?.pid
        if let variables = pid.flatMap(EnvironmentVariables.of(process:)) ?? unit {
            surroundings = surroundings.onTheWay(of: variables)
            reading = try Reading(file, options, surroundings)
        }
        configuration = reading.configuration
        complaint = reading.complaint
        fileComplaint = reading.fileComplaint
        daemon = presence
        self.surroundings = surroundings
        self.root = root
        self.loop = loop
        var status = stat()
        user = stat(configuration.stateDirectory, &status) == 0 ? User(id: status.st_uid) : .own
    }

    /// The configuration, as far as it is understood.
    private struct Reading {
        var configuration: Configuration
        var complaint: ConfigurationError?
        var fileComplaint: ConfigurationError?

        init(
            _ file: String?, _ options: [String: ConfigurationValue], _ surroundings: Surroundings
        ) throws(ConfigurationError) {
            var whole: Configuration?
            do throws(ConfigurationError) {
                let sources = try ConfigurationSources(file: file, options: options, surroundings: surroundings)
                whole = try Configuration(sources, surroundings, needsSecrets: false)
                do throws(ConfigurationError) { try Configuration.checkFiles(namedIn: sources) } catch {
                    fileComplaint = error
                }
            } catch { complaint = error }
            if let complaint, case .option? = complaint.origin { throw complaint }
            if let whole {
                configuration = whole
            } else {
                configuration = try Configuration(
                    .places(file: file, options: options, surroundings: surroundings), surroundings, needsSecrets: false
                )
            }
            // Workers that are asked for a moment have nothing to tell beside it.
            configuration.logLevel = .error
        }
    }

    static let notUnderstood = "the configuration is not understood"

    /// What the running daemon tells of itself.
    var status: NodeStatus? { (try? daemon.get())?.status }  // why it cannot be read is told by a check of its own

    /// Whether the examiner is the daemon's user or may do what that may.
    var isOurs: Bool { surroundings.isRoot || user.id == geteuid() }

    /// The small text in one of the machine's own files; nil when there is none.
    func text(_ path: String) -> String? { machine.text(path) }

    /// What is in one of the machine's own directories; nothing when it is not there.
    func names(in path: String) -> [String] { machine.names(in: path) }

    var machine: MachineFiles { MachineFiles(root: root) }

    /// The configuration's further files.
    func fragments(in folder: String) -> [String] {
        // One that is not there has none.
        ((try? Directory.names(in: folder)) ?? []).filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
    }

    /// Whether this is such a board (its device tree says so).
    var isRaspberryPi: Bool { text("/proc/device-tree/model")?.hasPrefix("Raspberry Pi") == true }
}
