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
        try saveState(self, to: directory + "/" + Self.fileName)
    }

    package static func remove(from directory: String) throws(StateError) {
        try removeState(directory + "/" + fileName)
    }
}
