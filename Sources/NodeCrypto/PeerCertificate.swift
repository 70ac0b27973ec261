import COpenSSL

/// What the certificate that a server showed says of itself.
package struct PeerCertificate: Codable, Hashable, Sendable {
    /// SHA-256 of the certificate (DER), in hexadecimal.
    package let fingerprint: String
    /// `sha256//…`, of its `SubjectPublicKeyInfo` (DER).
    package let publicKeyPin: String
    package let subject: String
    package let issuer: String
    /// In seconds since 1970; nil for what no clock shows.
    package let validFrom: Int?

    package init(fingerprint: String, publicKeyPin: String, subject: String, issuer: String, validFrom: Int?) {
        self.fingerprint = fingerprint
        self.publicKeyPin = publicKeyPin
        self.subject = subject
        self.issuer = issuer
        self.validFrom = validFrom
    }

    init(_ handle: OpaquePointer) {
        fingerprint = Self.fingerprint(handle)
        publicKeyPin = CertificatePin.text(publicKeyDigest: Digest.sha256(Self.publicKey(handle)))
        subject = Self.text(X509_get_subject_name(handle))
        issuer = Self.text(X509_get_issuer_name(handle))
        validFrom = Self.seconds(X509_get0_notBefore(handle))
    }

    static func fingerprint(_ handle: OpaquePointer) -> String {
        Hexadecimal.text(Digest.sha256(der { i2d_X509(handle, $0) }))
    }

    /// Until its validity ends; nil for one that does not say.
    static func daysLeft(_ handle: OpaquePointer) -> Int? {
        var days: CInt = 0
        var seconds: CInt = 0
        return ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(handle)) == 1 ? Int(days) : nil
    }

    private static func publicKey(_ handle: OpaquePointer) -> [UInt8] {
        der { i2d_PUBKEY(X509_get0_pubkey(handle), $0) }
    }

    /// Whatever stands in it stays printable: RFC 2253's form escapes the rest.
    private static func text(_ name: OpaquePointer?) -> String {
        let text = try? MemoryBIO.text { X509_NAME_print_ex($0, name, 0, CN_XN_FLAG_RFC2253) >= 0 ? 1 : 0 }
        // A name that cannot be printed is as good as none: it is only shown and compared.
        return String((text ?? "").prefix(200))
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
        var days: CInt = 0
        var seconds: CInt = 0
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_STRING_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return Int(days) * 86_400 + Int(seconds)
    }

    private static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> CInt) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(max(0, encode(nil)))) { buffer, count in
            var end = buffer.baseAddress
            count = Int(max(0, encode(&end)))
        }
    }
}
