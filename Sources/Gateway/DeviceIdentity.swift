import LinuxIO
import NodeCore
import NodeCrypto

/// Who this node is (openclaw-gateway §3.1): an Ed25519 key, made once and kept in `identity.json`.
///
/// To lose it means to be paired again, so it has reached the disk before it is used for the first time.
package struct DeviceIdentity: Sendable {
    package let key: SigningKey
    /// Lower-case hex SHA-256 of the raw public key; also the node id.
    package let deviceID: String
    /// A UUID that gateways show; it carries no trust.
    package let instanceID: String

    package var publicKey: String { Base64URL.encode(key.publicKey) }

    package static let fileName = "identity.json"

    private struct File: Codable {
        var version: Int
        var deviceId: String
        var publicKeyPem: String
        var privateKeyPem: String
        var instanceId: String
        var createdAtMs: Int
    }

    init(key: SigningKey, instanceID: String) {
        self.key = key
        self.instanceID = instanceID
        deviceID = Hexadecimal.text(Digest.sha256(key.publicKey))
    }

    /// The one in `directory`, or a new one, saved there. The directory is made when it is missing.
    package static func loadOrCreate(in directory: String) throws(StateError) -> DeviceIdentity {
        let path = directory + "/" + fileName
        if let identity = try stored(in: directory) { return identity }
        do throws(Errno) { try StateFile.makeDirectory(directory) } catch { throw .unwritable(path: directory, error) }
        let identity = DeviceIdentity(key: .generate(), instanceID: SecureRandom.uuid())
        let file: File
        do throws(CryptoError) { file = try identity.file() } catch { throw .malformed(path: path, reason: "\(error)") }
        try saveState(file, to: path)
        return identity
    }

    /// Nil when there is none yet.
    package static func stored(in directory: String) throws(StateError) -> DeviceIdentity? {
        try load(from: directory + "/" + fileName)
    }

    private func file() throws(CryptoError) -> File {
        File(
            version: 1, deviceId: deviceID, publicKeyPem: try key.spkiPEM, privateKeyPem: try key.pkcs8PEM,
            instanceId: instanceID, createdAtMs: WallClock.milliseconds)
    }

    private static func load(from path: String) throws(StateError) -> DeviceIdentity? {
        guard let file = try loadState(File.self, from: path) else { return nil }
        guard file.version == 1 else { throw .malformed(path: path, reason: "version \(file.version) is not known") }
        // Gateways refuse an empty one.
        guard !file.instanceId.isEmpty else { throw .malformed(path: path, reason: "instanceId is empty") }
        let key: SigningKey
        do throws(CryptoError) { key = try SigningKey(pkcs8PEM: file.privateKeyPem) } catch {
            throw .malformed(path: path, reason: "privateKeyPem is no Ed25519 key")
        }
        let identity = DeviceIdentity(key: key, instanceID: file.instanceId)
        guard identity.deviceID == file.deviceId else {
            throw .malformed(path: path, reason: "deviceId does not belong to the key")
        }
        return identity
    }

    /// Whether a start with `directory` would be as this identity. A file that cannot be understood counts: it is not replaced.
    package func isStored(in directory: String) -> Bool {
        let path = directory + "/" + Self.fileName
        do throws(StateError) { return try Self.load(from: path)?.deviceID == deviceID } catch { return true }
    }

    /// Removes the identity for good; the gateway will see a stranger.
    package static func remove(from directory: String) throws(StateError) {
        _ = try removeState(directory + "/" + fileName)
    }
}
