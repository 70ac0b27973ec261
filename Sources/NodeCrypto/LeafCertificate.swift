import COpenSSL

/// What identifies the certificate itself that one side of a connection showed.
struct LeafCertificate: Equatable {
    /// SHA-256 of the certificate (DER).
    let digest: [UInt8]
    /// SHA-256 of its `SubjectPublicKeyInfo` (DER).
    let publicKeyDigest: [UInt8]

    init(_ handle: OpaquePointer) {
        digest = Digest.sha256(Self.der { i2d_X509(handle, $0) })
        publicKeyDigest = Digest.sha256(Self.der { i2d_PUBKEY(X509_get0_pubkey(handle), $0) })
    }

    /// Until its validity ends; nil for one that does not say.
    static func daysLeft(_ handle: OpaquePointer) -> Int? {
        var days: CInt = 0
        var seconds: CInt = 0
        return ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(handle)) == 1 ? Int(days) : nil
    }

    var fingerprint: String { Hexadecimal.text(digest) }

    private static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> CInt) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(max(0, encode(nil)))) { buffer, count in
            var end = buffer.baseAddress
            count = Int(max(0, encode(&end)))
        }
    }
}
