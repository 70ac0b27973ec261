import COpenSSL

/// Why a text is not a pin.
package enum PinError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A fingerprint has 64 hexadecimal digits, this one has so many.
    case wrongLength(digits: Int)
    /// What follows `sha256//` is not the base64 of 32 bytes.
    case notBase64

    package var description: String {
        switch self {
        case .wrongLength(let digits): "a certificate fingerprint has 64 hexadecimal digits, this one \(digits)"
        case .notBase64: "after sha256// the base64 of 32 bytes is expected (44 characters)"
        }
    }
}

/// The SHA-256 of the certificate, or of its public key, that a server must show.
package struct CertificatePin: Hashable, Sendable, CustomStringConvertible {
    private enum Subject: Hashable {
        case certificate, publicKey
    }

    private let subject: Subject
    private let digest: [UInt8]

    /// Takes a fingerprint of the certificate as tools print it, with or without `SHA256:` before it and colons or blanks
    /// between (openclaw gateway §8.2), or `sha256//` and the base64 of the public key's digest, as curl takes it.
    package init(_ text: String) throws(PinError) {
        let characters = Array(text.utf8.drop { $0 <= UInt8(ascii: " ") })
        if characters.starts(with: "sha256//".utf8) {
            let encoded = characters.dropFirst(8).prefix { $0 > UInt8(ascii: " ") }
            guard let digest = Self.digest(base64: Array(encoded)) else { throw .notBase64 }
            (self.subject, self.digest) = (.publicKey, digest)
        } else {
            let digits = Self.withoutLabel(characters).compactMap(Hexadecimal.value)
            guard digits.count == 64 else { throw .wrongLength(digits: digits.count) }
            let digest = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            (self.subject, self.digest) = (.certificate, digest)
        }
    }

    /// The form that is stored: 64 digits, or `sha256//…`.
    package var description: String {
        switch subject {
        case .certificate: Hexadecimal.text(digest)
        case .publicKey: Self.text(publicKeyDigest: digest)
        }
    }

    package func matches(_ certificate: PeerCertificate) -> Bool {
        switch subject {
        case .certificate: description == certificate.fingerprint
        case .publicKey: description == certificate.publicKeyPin
        }
    }

    static func text(publicKeyDigest digest: [UInt8]) -> String {
        // A multiple of three bytes goes to four characters each; EVP_EncodeBlock ends with a zero byte.
        var encoded = [UInt8](repeating: 0, count: (digest.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&encoded, digest, CInt(digest.count))
        return "sha256//" + String(decoding: encoded.prefix(Int(count)), as: UTF8.self)
    }

    private static func digest(base64 text: [UInt8]) -> [UInt8]? {
        guard text.count == 44, text.last == UInt8(ascii: "="), text[42] != UInt8(ascii: "=") else { return nil }
        var decoded = [UInt8](repeating: 0, count: 33)
        guard EVP_DecodeBlock(&decoded, text, CInt(text.count)) == 33 else { return nil }
        return Array(decoded.prefix(32))
    }

    /// Leaves out what stands before the digits: their "2", "5", "6" and letters would be taken for some of them.
    private static func withoutLabel(_ text: [UInt8]) -> ArraySlice<UInt8> {
        // `openssl x509 -fingerprint` prints "sha256 Fingerprint=AB:CD:…".
        if let equals = text.firstIndex(of: UInt8(ascii: "=")) { return text[(equals + 1)...] }
        let lowered = text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
        for label in ["sha256", "sha-256"] where lowered.starts(with: label.utf8) {
            return text.dropFirst(label.utf8.count)
        }
        return text[...]
    }
}
