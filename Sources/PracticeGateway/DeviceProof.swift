import NodeCrypto

/// Whether a device is who it says: its id is the hash of its key, and the key has signed this socket's challenge
/// (openclaw-gateway.md §3).
package struct DeviceProof: Sendable {
    package var release: GatewayRelease
    /// What this socket's challenge said.
    package var nonce: String
    /// The gateway's clock, in milliseconds since 1970.
    package var now: Int

    package init(release: GatewayRelease, nonce: String, now: Int) {
        self.release = release
        self.nonce = nonce
        self.now = now
    }

    /// The string version that the signature proves; throws the refusal of the first thing that does not hold.
    package func check(_ request: ConnectParams) throws(WireRefusal) -> ProofVersion {
        guard let device = request.device else {
            throw WireRefusal(
                "NOT_PAIRED", "device identity required", details: ["code": "DEVICE_IDENTITY_REQUIRED"])
        }
        guard let raw = Self.rawKey(device.publicKey), let key = try? VerifyingKey(raw: raw) else {
            throw refusal("device public key invalid", "DEVICE_AUTH_PUBLIC_KEY_INVALID", "device-public-key")
        }
        guard device.id == Self.deviceID(raw) else {
            throw refusal("device identity mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH", "device-id-mismatch")
        }
        guard abs(now - device.signedAt) <= release.skewMilliseconds else {
            throw refusal("device signature expired", "DEVICE_AUTH_SIGNATURE_EXPIRED", "device-signature-stale")
        }
        let sent = device.nonce.trimmed
        guard !sent.isEmpty else {
            throw refusal("device nonce required", "DEVICE_AUTH_NONCE_REQUIRED", "device-nonce-missing")
        }
        guard sent == nonce else {
            throw refusal("device nonce mismatch", "DEVICE_AUTH_NONCE_MISMATCH", "device-nonce-mismatch")
        }
        let signature = Base64Text.decode(device.signature) ?? []
        for version in release.signatureVersions
        where key.isValid(signature, for: Array(Self.signedString(version, request).utf8)) {
            return version
        }
        throw refusal("device signature invalid", "DEVICE_AUTH_SIGNATURE_INVALID", "device-signature")
    }

    /// §3.4; empty without a device.
    package static func signedString(_ version: ProofVersion, _ request: ConnectParams) -> String {
        guard let device = request.device else { return "" }
        var fields = [
            version.rawValue, device.id, request.clientID, request.clientMode, request.role,
            request.scopes.joined(separator: ","), "\(device.signedAt)", request.signedToken,
        ]
        if version != .v1 { fields.append(device.nonce.trimmed) }
        if version == .v3 {
            fields.append(request.platform.trimmed.asciiLowercased)
            fields.append((request.deviceFamily ?? "").trimmed.asciiLowercased)
        }
        return fields.joined(separator: "|")
    }

    package static func deviceID(_ rawKey: [UInt8]) -> String {
        Hexadecimal.text(Digest.sha256(rawKey))
    }

    /// The 32 bytes of a key given as base64 of either alphabet, or as SPKI PEM.
    static func rawKey(_ text: String) -> [UInt8]? {
        if text.contains("BEGIN") {
            let body = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined().trimmed
            guard let der = Base64Text.decode(body), der.count == 44 else { return nil }
            return Array(der.suffix(32))
        }
        guard let raw = Base64Text.decode(text), raw.count == 32 else { return nil }
        return raw
    }

    private func refusal(_ message: String, _ code: String, _ reason: String) -> WireRefusal {
        WireRefusal("INVALID_REQUEST", message, details: ["code": .string(code), "reason": .string(reason)])
    }
}

extension String {
    var trimmed: String {
        let spaces: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        let start = drop { spaces.contains($0) }
        guard let last = start.lastIndex(where: { !spaces.contains($0) }) else { return "" }
        return String(start[...last])
    }

    /// As the signature has it: only A–Z change, never what Unicode calls upper case.
    var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
