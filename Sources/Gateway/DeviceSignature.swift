import NodeCrypto

/// The forms of the signed string (openclaw-gateway §3.4). Gateways up to February 2026 know only the second.
package enum SignatureVersion: String, Codable, Sendable {
    case v2, v3
}

/// What a node signs to prove who it is, and for which connection.
struct DeviceSignature {
    var deviceID: String
    var clientID: String
    var clientMode: String
    var role: String
    var scopes: [String]
    /// The challenge's own time in milliseconds, because small boards wake up in 1970 (§3.3).
    var signedAt: Int
    /// The credential as the gateway sees it; empty without one. Passwords are never signed.
    var token: String
    var nonce: String
    var platform: String
    var deviceFamily: String

    func payload(_ version: SignatureVersion) -> String {
        let common = [
            deviceID, clientID, clientMode, role, scopes.joined(separator: ","), String(signedAt), token, nonce,
        ]
        let fields =
            switch version {
            case .v2: [version.rawValue] + common
            case .v3: [version.rawValue] + common + [Self.normalised(platform), Self.normalised(deviceFamily)]
            }
        return fields.joined(separator: "|")
    }

    func signed(with key: SigningKey, _ version: SignatureVersion) throws(CryptoError) -> String {
        Base64URL.encode(try key.sign(Array(payload(version).utf8)))
    }

    /// Trimmed, and only A–Z lowered: gateways fold nothing else either.
    private static func normalised(_ text: String) -> String {
        let bytes = text.trimmed.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
