import LinuxIO
import NodeCrypto

/// The gateway that this node has joined: `gateway.json`.
package struct GatewayRecord: Codable, Equatable, Sendable {
    package var version = 1
    package var url: String
    package var tlsFingerprints: [String]?
    package var caFile: String?
    /// The shared token that came with `join`, for when there is no device token, or the gateway refuses it.
    package var token: String?
    /// The same, where it is a password.
    package var password: String?
    /// A setup code's token for one use: gone once the gateway has let this node in.
    package var bootstrapToken: String?
    /// Further addresses of the same gateway, in order of preference after `url`.
    package var urls: [String]?
    /// What it speaks, where that was said: `openclaw` or `goclaw`; nil to find out.
    package var dialect: String?
    /// Whether its owner has said that `ws://` may go to private addresses.
    package var allowPlaintextPrivate: Bool?
    /// When `join` wrote it, so that a daemon that runs begins anew also for what it has joined before.
    package var joinedAtMs: Int?

    package init(
        url: String, tlsFingerprints: [String]? = nil, caFile: String? = nil, token: String? = nil,
        urls: [String]? = nil
    ) {
        self.url = url
        self.tlsFingerprints = tlsFingerprints
        self.caFile = caFile
        self.token = token
        self.urls = urls
    }

    package static let fileName = "gateway.json"
    private static let lockName = "gateway.lock"

    /// Nil when no gateway has been joined.
    package static func load(from directory: String) throws(StateError) -> GatewayRecord? {
        let path = directory + "/" + fileName
        guard let record = try loadState(GatewayRecord.self, from: path) else { return nil }
        guard record.version == 1 else {
            throw .malformed(path: path, reason: "version \(record.version) is not known")
        }
        do { try record.check() } catch { throw .malformed(path: path, reason: "\(error)") }
        return record
    }

    /// Whether somebody has joined since it was `old`. That a token was used up is no news.
    package func isJoined(after old: GatewayRecord?) -> Bool {
        var rest = self
        if rest.bootstrapToken == nil { rest.bootstrapToken = old?.bootstrapToken }
        return rest != old
    }

    /// A pin that cannot be read must not end as no pin at all.
    private func check() throws {
        for pin in tlsFingerprints ?? [] { _ = try CertificatePin(pin) }
        for url in [url] + (urls ?? []) {
            // Whether plaintext may go there is the configuration's to say as well.
            let endpoint = try GatewayEndpoint(url, plaintext: .privateNetworks)
            if tlsFingerprints?.isEmpty == false, !endpoint.isTLS { throw EndpointError.pinWithoutTLS }
        }
    }

    package func save(in directory: String) throws(StateError) {
        do throws(Errno) { try StateFile.makeDirectory(directory) } catch { throw .unwritable(path: directory, error) }
        try Self.alone(in: directory) { () throws(StateError) in
            try saveState(self, to: directory + "/" + Self.fileName)
        }
    }

    /// Changes what is there, unless there is nothing or `change` says no.
    static func update(
        in directory: String, _ change: (inout GatewayRecord) -> Bool
    ) throws(StateError) {
        try alone(in: directory) { () throws(StateError) in
            guard var record = try load(from: directory), change(&record) else { return }
            try saveState(record, to: directory + "/" + fileName)
        }
    }

    /// Whether there was one.
    @discardableResult
    package static func remove(from directory: String) throws(StateError) -> Bool {
        // Where nothing was ever joined, nothing is made either.
        let path = directory + "/" + fileName
        do throws(Errno) { if try StateFile.kind(of: path) == nil { return false } } catch {
            // What it is does not matter: it goes.
        }
        return try alone(in: directory) { () throws(StateError) in try removeState(path) }
    }

    /// The daemon takes a used-up token out while `join` may put another gateway in: neither is to write what it read before the
    /// other wrote. Blocks while another process is at it, which is as long as a disk takes.
    private static func alone<R>(
        in directory: String, _ body: () throws(StateError) -> R
    ) throws(StateError) -> R {
        let path = directory + "/" + lockName
        let lock: FileLock
        do throws(Errno) { lock = try FileLock.wait(for: path) } catch { throw .unwritable(path: path, error) }
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }
}
