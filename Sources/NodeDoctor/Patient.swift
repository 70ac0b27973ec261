import Gateway
import Glibc
import LinuxIO
import NodeCore
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

    /// Throws only when it is not even known where state would be.
    package init(
        file: String?, options: [String: ConfigurationValue], surroundings: Surroundings, root: String = "",
        on loop: EventLoop
    ) throws(ConfigurationError) {
        var complaint: ConfigurationError?
        var fileComplaint: ConfigurationError?
        var configuration: Configuration?
        do throws(ConfigurationError) {
            let sources = try ConfigurationSources(file: file, options: options, surroundings: surroundings)
            configuration = try Configuration(sources, surroundings, needsSecrets: false)
            do throws(ConfigurationError) { try Configuration.checkFiles(namedIn: sources) } catch {
                fileComplaint = error
            }
        } catch { complaint = error }
        if let complaint, case .option? = complaint.origin { throw complaint }
        var known: Configuration
        if let configuration {
            known = configuration
        } else {
            known = try Configuration(
                .places(file: file, options: options, surroundings: surroundings), surroundings, needsSecrets: false)
        }
        // Workers that are asked for a moment have nothing to tell beside it.
        known.logLevel = .error
        self.configuration = known
        self.complaint = complaint
        self.fileComplaint = fileComplaint
        self.surroundings = surroundings
        self.root = root
        self.loop = loop
        daemon = Result { () throws(StateError) in try DaemonPresence(known) }
        var status = stat()
        user = stat(known.stateDirectory, &status) == 0 ? User(id: status.st_uid) : .own
    }

    static let notUnderstood = "the configuration is not understood"

    /// What the running daemon tells of itself.
    var status: NodeStatus? { (try? daemon.get())?.status }  // why it cannot be read is told by a check of its own

    /// Whether the examiner is the daemon's user or may do what that may.
    var isOurs: Bool { surroundings.isRoot || user.id == geteuid() }

    /// The small text in one of the machine's own files; nil when there is none.
    func text(_ path: String) -> String? {
        // An absent file only means that this machine does not have that fact.
        guard let bytes = try? StateFile.read(root + path, limit: 64 * 1024) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace || $0 == "\0" }
        guard let end = text.lastIndex(where: { !$0.isWhitespace && $0 != "\0" }) else { return "" }
        return String(text[...end])
    }

    /// What is in one of the machine's own directories; nothing when it is not there.
    func names(in path: String) -> [String] {
        ((try? Directory.names(in: root + path)) ?? []).sorted()
    }

    /// The configuration's further files.
    func fragments(in folder: String) -> [String] {
        // One that is not there has none.
        ((try? Directory.names(in: folder)) ?? []).filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }
    }

    /// Whether this is such a board (its device tree says so).
    var isRaspberryPi: Bool { text("/proc/device-tree/model")?.hasPrefix("Raspberry Pi") == true }
}
