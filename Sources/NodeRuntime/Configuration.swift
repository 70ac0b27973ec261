import Gateway
import Glibc
import LinuxIO
import NodeCamera
import NodeCore
import NodeCrypto

/// The daemon's settings: read once, never changed. Keys are the options' names in camel case.
package struct Configuration: Sendable {
    package var file: String
    package var stateDirectory: String
    package var runtimeDirectory: String
    /// Nil when the gateway is what `join` has written.
    package var gateway: GatewayEndpoint?
    package var pins: [CertificatePin]
    package var caFile: String?
    package var secret: SharedSecret
    package var displayName: String?
    package var instanceID: String?
    /// Offer only these; nil for all that is on.
    package var commands: [String]?
    /// The names of the capabilities that are on.
    package var enabled: Set<String>
    package var camera: CameraConfiguration
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
        file = sources.file
        var section = try ConfigurationSection(sources.value)
        guard let state = try section.string("stateDir") ?? surroundings.defaultStateDirectory else {
            throw ConfigurationError(
                nil, key: "stateDir",
                "there is no place for it: set HOME or XDG_STATE_HOME, or name it with --state-dir DIR")
        }
        stateDirectory = state
        runtimeDirectory = try section.string("runtimeDir") ?? surroundings.defaultRuntimeDirectory ?? state + "/run"
        pins = try Self.pins(&section)
        gateway = try Self.gateway(&section, isPinned: !pins.isEmpty)
        caFile = try section.string("caFile")
        secret = try Self.secret(&section, surroundings, isNeeded: needsSecrets)
        displayName = try section.string("displayName")
        instanceID = try section.string("nodeId")
        commands = try section.strings("commands")
        enabled = try section.section("capabilities") { section throws(ConfigurationError) in
            var enabled: Set<String> = []
            for family in Family.all where try section.bool(family.name) ?? family.isOnByDefault {
                enabled.insert(family.name)
            }
            return enabled
        }
        mediaSocket = try section.section("workers") { section throws(ConfigurationError) in
            let path = try section.string("mediaSocket") ?? surroundings.defaultMediaSocket
            return try section.choice("media", WorkerStart.self) == .socket ? path : nil
        }
        camera = try section.section("camera") { section throws(ConfigurationError) in try CameraConfiguration(&section)
        }
        invocationLimit = try section.integer("maxConcurrentInvocations", in: 1...64) ?? 8
        logLevel = try section.choice("logLevel", Log.Level.self) ?? .info
        logFormat = try section.choice("logFormat", Log.Format.self) ?? .text
        isFileNamed = sources.isFileNamed

        let known = Family.all.flatMap { $0.commands.map(\.text) }
        if let stranger = commands?.first(where: { !known.contains($0) }) {
            let hint = Spelling.nearest(to: stranger, among: known).map { "; did you mean \($0)?" } ?? ""
            throw section.error("commands", "\(stranger) is no command of this node" + hint)
        }
        if !pins.isEmpty, let gateway, !gateway.isTLS {
            throw section.error("tlsFingerprints", EndpointError.pinWithoutTLS.description)
        }
        try section.finish()
    }

    /// `gateway` is one URL; `host`, `port`, `tls` and `contextPath` are the same in pieces, with the official node host's
    /// defaults (openclaw-gateway §9.3). The stronger source counts.
    private static func gateway(
        _ section: inout ConfigurationSection, isPinned: Bool
    ) throws(ConfigurationError) -> GatewayEndpoint? {
        let url = try section.string("gateway")
        let host = try section.string("host")
        let port = try section.integer("port", in: 1...65_535)
        let isTLS = try section.bool("tls")
        let path = try section.string("contextPath")
        let pieces = ["host": host != nil, "port": port != nil, "tls": isTLS != nil, "contextPath": path != nil]
        let strongest = pieces.filter(\.value).keys.sorted()
            .max { rank(section.origin(of: $0)) < rank(section.origin(of: $1)) }
        if let url, rank(section.origin(of: "gateway")) >= rank(strongest.flatMap { section.origin(of: $0) }) {
            do throws(EndpointError) { return try GatewayEndpoint(url) } catch {
                throw section.error("gateway", error.description)
            }
        }
        guard let strongest else { return nil }
        if url != nil, host == nil {
            throw section.error(strongest, "goes with \"host\"; \"gateway\" is a whole URL and is set already")
        }
        do throws(EndpointError) {
            return try GatewayEndpoint(
                isTLS: isTLS ?? isPinned, host: host ?? "127.0.0.1",
                port: port.map { UInt16($0) } ?? GatewayEndpoint.usualPort, path: path ?? "/")
        } catch { throw section.error(host == nil ? strongest : "host", error.description) }
    }

    private static func rank(_ origin: ConfigurationValue.Origin?) -> Int {
        switch origin {
        case .option?: 3
        case .environment?: 2
        case .file?: 1
        case nil: 0
        }
    }

    private static func pins(_ section: inout ConfigurationSection) throws(ConfigurationError) -> [CertificatePin] {
        var pins: [CertificatePin] = []
        for text in try section.strings("tlsFingerprints") ?? [] {
            do throws(PinError) { pins.append(try CertificatePin(text)) } catch {
                throw section.error("tlsFingerprints", "\(error)")
            }
        }
        return pins
    }

    /// A file named by an option, else the environment's own value, else a file named elsewhere, else systemd's credential.
    private static func secret(
        _ section: inout ConfigurationSection, _ surroundings: Surroundings, isNeeded: Bool
    ) throws(ConfigurationError) -> SharedSecret {
        guard isNeeded else {
            _ = try section.string("tokenFile")
            _ = try section.string("passwordFile")
            return SharedSecret()
        }
        return SharedSecret(
            token: try secret(
                &section, "tokenFile", surroundings.value("OPENCLAW_GATEWAY_TOKEN"), surroundings.credential),
            password: try secret(&section, "passwordFile", surroundings.value("OPENCLAW_GATEWAY_PASSWORD"), nil))
    }

    private static func secret(
        _ section: inout ConfigurationSection, _ key: String, _ variable: String?, _ credential: String?
    ) throws(ConfigurationError) -> String? {
        let path = try section.string(key)
        let isOption = rank(section.origin(of: key)) == 3
        if let variable, !isOption { return variable }
        guard let path = path ?? credential else { return nil }
        return try secret(in: path, section, key)
    }

    private static func secret(
        in path: String, _ section: ConfigurationSection, _ key: String
    ) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        do throws(Errno) { bytes = try StateFile.read(path, limit: 64 * 1024) } catch {
            throw section.error(key, "\(path) cannot be read: \(error)")
        }
        guard let text = firstLine(bytes) else { throw section.error(key, "\(path) is empty") }
        return text
    }

    /// Looks into every file that is named, whether it is needed now or not: a secret's may wait behind a variable, and the
    /// daemon reads certificates only when it connects. What systemd provides at run time is not named.
    package static func checkFiles(namedIn sources: ConfigurationSources) throws(ConfigurationError) {
        var section = try ConfigurationSection(sources.value)
        for key in ["tokenFile", "passwordFile"] {
            if let path = try section.string(key) { _ = try secret(in: path, section, key) }
        }
        guard let path = try section.string("caFile") else { return }
        do throws(TLSError) { _ = try TLSClientContext(trust: .systemAnd(caFile: path)) } catch {
            throw section.error("caFile", error.description)
        }
    }

    /// Secrets are written with editors, and editors end lines.
    private static func firstLine(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self).drop(while: \.isWhitespace).prefix { !$0.isNewline }
        let end = text.lastIndex { !$0.isWhitespace }
        return end.map { String(text[...$0]) }
    }
}

extension Surroundings {
    /// Where systemd's `LoadCredential=gateway-token` puts it, when it does.
    fileprivate var credential: String? {
        guard let path = value("CREDENTIALS_DIRECTORY").map({ $0 + "/gateway-token" }) else { return nil }
        return access(path, F_OK) == 0 ? path : nil
    }
}
