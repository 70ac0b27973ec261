import Gateway
import NodeAudio
import NodeCamera
import NodeCore
import NodeCrypto
import NodeLocation
import NodeScreen

/// The daemon's settings: read once, never changed. Keys are the options' names in camel case.
package struct Configuration: Sendable {
    package var file: String
    package var stateDirectory: String
    package var runtimeDirectory: String
    /// Nil when the gateway is what `join` has written.
    package var gateway: GatewayEndpoint?
    /// Further addresses of the gateway, in order of preference.
    package var gatewayAlternatives: [GatewayEndpoint]
    package var plaintext: Plaintext
    package var proxies: ProxyRules
    package var edge: EdgeAccess?
    package var pins: [CertificatePin]
    package var caFile: String?
    package var secret: SharedSecret
    /// Nil when nothing is said.
    package var dialect: DialectSetting?
    package var nodeKey: GoClawNodeKey?
    package var displayName: String?
    package var instanceID: String?
    /// Offer only these; nil for all that is on.
    package var commands: [String]?
    /// The names of the capabilities that are on.
    package var enabled: Set<String>
    /// The names and numbers of those whose sessions' workers may come.
    package var sessionUsers: [String]
    /// Whether gateways are told how long ago the machine was used.
    package var tellsPresence: Bool
    package var camera: CameraConfiguration
    package var audio: AudioConfiguration
    package var location: LocationConfiguration
    package var screen: ScreenConfiguration
    package var invocationLimit: Int
    package var logLevel: Log.Level
    package var logFormat: Log.Format
    /// Whether an option or the environment named the file, so that a worker has to be told of it.
    private let isFileNamed: Bool

    /// What a worker has to be told so that it finds the same file, and logs as we do: it sees no options.
    package var workerArguments: [String] {
        (isFileNamed ? ["--config", file] : [])
            + ["--log-level", logLevel.rawValue, "--log-format", logFormat.rawValue]
    }

    package var owner: NodeOwner { NodeOwner(ofStateAt: stateDirectory) }

    /// The socket on which systemd listens for who needs a media worker; nil when it is started as our child.
    package var mediaSocket: String?

    private enum WorkerStart: String, CaseIterable {
        case spawn, socket
    }

    /// Without `needsSecrets`, the files that hold them are not opened: what needs no gateway must not fail for want of one's
    /// token.
    package init(
        _ sources: ConfigurationSources, _ surroundings: Surroundings, needsSecrets: Bool = true
    ) throws(ConfigurationError) {
        var section = try ConfigurationSection(sources.value)
        try self.init(&section, sources, surroundings, needsSecrets)
    }

    /// Every key there is, with what holds here without it.
    package static func reference(_ surroundings: Surroundings) throws(ConfigurationError) -> [ConfigurationKey] {
        // An alias's keys are asked for where there is one; and no home is needed to read a manual.
        let sample = #"{"stateDir": "/", "camera": {"aliases": {"NAME": {"device": "/dev/video0"}}}}"#
        let sources = try ConfigurationSources(text: sample)
        var section = try ConfigurationSection(sources.value)
        _ = try Configuration(&section, sources, surroundings, false)
        return section.declared
    }

    private init(
        _ section: inout ConfigurationSection, _ sources: ConfigurationSources, _ surroundings: Surroundings,
        _ needsSecrets: Bool
    ) throws(ConfigurationError) {
        file = sources.file
        pins = try Self.pins(&section)
        plaintext =
            try section.bool(
                "allowPlaintextPrivate", or: false,
                "Whether `ws://` may go to private addresses, where whoever is on the network reads along.")
            ? .privateNetworks : .loopback
        gateway = try Self.gateway(&section, isPinned: !pins.isEmpty, plaintext)
        gatewayAlternatives = try Self.alternatives(&section, plaintext)
        proxies = try Self.proxies(&section, surroundings, isNeeded: needsSecrets)
        edge = try Self.edge(surroundings, isNeeded: needsSecrets)
        caFile = try section.string(
            "caFile", "Certificates, in PEM, of authorities that are trusted beside the system's own.")
        secret = try Self.secret(&section, surroundings, isNeeded: needsSecrets)
        dialect = try section.choice(
            "dialect", DialectSetting.self,
            "What the gateway speaks: `openclaw`, `goclaw`, or `auto`, which finds out; that is what holds when nothing is said."
        )
        nodeKey = try Self.nodeKey(&section, isNeeded: needsSecrets)
        displayName = try section.string(
            "displayName", "The name that operators see; the machine's own when nothing is said.")
        instanceID = try section.string(
            "nodeId", "The instance id that gateways show, instead of the one that was made with the identity.")
        commands = try section.strings("commands", "Only these commands are offered, of those that are on.")
        enabled = try section.section("capabilities", "What the owner has switched on.") {
            section throws(ConfigurationError) in
            var enabled: Set<String> = []
            for family in Family.all where try section.bool(family.name, or: family.isOnByDefault, family.summary) {
                enabled.insert(family.name)
            }
            return enabled
        }
        mediaSocket = try section.section("workers", "How the processes with the device drivers are started.") {
            section throws(ConfigurationError) in
            let path = try section.string(
                "mediaSocket", or: surroundings.defaultMediaSocket, "Where clawnode-media.socket listens.")
            let start = try section.choice(
                "media", or: WorkerStart.spawn,
                "As a child of the daemon, or by systemd, which gives it a user and a sandbox of its own.")
            return start == .socket ? path : nil
        }
        sessionUsers = try section.section(
            "sessions", "The desktops of this machine's users, as seen by a daemon that is none of them."
        ) { section throws(ConfigurationError) in
            try section.strings(
                "allow",
                "Users, by name or number, whose sessions' workers (`clawnode-session.service`) may connect; they then answer `screen.*`, `audio.*` and `system.notify`. Nobody, when nothing is said."
            ) ?? []
        }
        tellsPresence = try section.section("device", "What this machine tells of itself.") {
            section throws(ConfigurationError) in
            try section.bool(
                "presence", or: false,
                "Whether newer gateways are told, while it is connected, how long ago somebody at this machine last used it, as systemd-logind knows it (`node.presence.activity`)."
            )
        }
        camera = try section.section("camera", "Cameras, where they are switched on.") {
            section throws(ConfigurationError) in try CameraConfiguration(&section)
        }
        audio = try section.section("audio", "Sound, where microphones are switched on.") {
            section throws(ConfigurationError) in try AudioConfiguration(&section)
        }
        location = try section.section("location", "Where this machine is, where that may be asked.") {
            section throws(ConfigurationError) in try LocationConfiguration(&section)
        }
        screen = try section.section("screen", "Screens, where they are switched on.") {
            section throws(ConfigurationError) in try ScreenConfiguration(&section)
        }
        invocationLimit = try section.integer(
            "maxConcurrentInvocations", in: 1...64, or: 8, "So many commands run at once; more are refused as busy.")
        let state = try section.string(
            "stateDir", or: surroundings.defaultStateDirectory, "Where the identity and what gateways gave us is kept.")
        guard let state else {
            throw ConfigurationError(
                nil, key: "stateDir",
                "there is no place for it: set HOME or XDG_STATE_HOME, or name it with --state-dir DIR")
        }
        stateDirectory = state
        runtimeDirectory =
            try section.string(
                "runtimeDir", or: surroundings.defaultRuntimeDirectory, "Where the status of a running daemon is kept.")
            ?? state + "/run"
        logLevel = try section.choice("logLevel", or: Log.Level.info, "How much the log tells.")
        logFormat = try section.choice(
            "logFormat", or: Log.Format.usual(stream: surroundings.value("JOURNAL_STREAM")),
            "Lines for people, JSON objects, or entries of systemd's journal, which are what a service of systemd's makes by itself."
        )
        isFileNamed = sources.isFileNamed

        let known = Family.all.flatMap { $0.commands.map(\.text) }
        if let stranger = commands?.first(where: { !known.contains($0) }) {
            let hint = Spelling.nearest(to: stranger, among: known).map { "; did you mean \($0)?" } ?? ""
            throw section.error("commands", "\(stranger) is no command of this node" + hint)
        }
        if !pins.isEmpty, !((gateway.map { [$0] } ?? []) + gatewayAlternatives).allSatisfy(\.isTLS) {
            throw section.error("tlsFingerprints", EndpointError.pinWithoutTLS.description)
        }
        try section.finish()
    }
}
