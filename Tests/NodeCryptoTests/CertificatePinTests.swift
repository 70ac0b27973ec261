import Testing

@testable import NodeCrypto

@Suite struct CertificatePinTests {
    static let digits = "ab54a98ceb1f0ad2aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbcccccccccccccccd"
    static let colons = stride(from: 0, to: 64, by: 2).map { offset in
        digits.uppercased().dropFirst(offset).prefix(2)
    }.joined(separator: ":")

    // Not in the macro below: the older compiler breaks down over an interpolation there.
    static let spellings = [
        digits, digits.uppercased(), colons, "  \(digits)\n", "sha256:\(digits)", "SHA256:\(colons)",
        "SHA-256:\(colons)", "sha-256 \(digits)", "Sha256 \(colons)", "sha256\(digits)",
        "sha256 Fingerprint=\(colons)", colons.replacing(":", with: " "), colons.replacing(":", with: "-"),
    ]

    @Test("every way of writing a fingerprint gives the same pin", arguments: spellings)
    func fingerprints(_ text: String) throws {
        let pin = try CertificatePin(text)
        #expect(pin.description == Self.digits)
        #expect(try pin == CertificatePin(Self.digits))
    }

    @Test(
        "what has not 64 digits is no fingerprint",
        arguments: [
            ("", 0), ("sha256:", 0), (String(digits.dropLast()), 63), (digits + "0", 65),
            (digits.replacing("d2", with: "dO"), 63), ("sha256/" + String(digits.prefix(40)), 40),
        ])
    func wrongLength(_ text: String, digits: Int) {
        #expect(throws: PinError.wrongLength(digits: digits)) { try CertificatePin(text) }
    }

    @Test("a pin on the public key is taken as curl takes it, and written the same")
    func publicKeyPin() throws {
        let text = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        #expect(try CertificatePin(text).description == text)
        #expect(try CertificatePin(" \(text)\n") == CertificatePin(text))
    }

    @Test(
        "what is not the base64 of 32 bytes is no pin on a public key",
        arguments: [
            "sha256//", "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUAAAA=",
            "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSu!U=",
            "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==",
        ])
    func notBase64(_ text: String) {
        #expect(throws: PinError.notBase64) { try CertificatePin(text) }
    }
}
