import COpenSSL

/// A TLS server's own certificate with its key, for a gateway on loopback: RSA-2048, 90 days.
package struct SelfSignedCertificate: Sendable {
    package let certificatePEM: String
    /// PKCS#8, unencrypted.
    package let keyPEM: String
    /// SHA-256 of the certificate in hexadecimal, as `CertificatePin` takes it.
    package let fingerprint: String
    /// `sha256//…`, the pin on the public key.
    package let spkiPin: String

    /// One that was made elsewhere.
    package init(certificatePEM: String, keyPEM: String, fingerprint: String, spkiPin: String) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
        self.fingerprint = fingerprint
        self.spkiPin = spkiPin
    }

    /// For `hosts`, which are DNS names and IP addresses. Takes some 100 ms of computing.
    package static func make(hosts: [String]) throws(CryptoError) -> SelfSignedCertificate {
        // From yesterday on: a peer's clock may be behind.
        try make(hosts: hosts, validity: -day...90 * day)
    }

    /// `validity` in seconds from now.
    static func make(hosts: [String], validity: ClosedRange<Int>) throws(CryptoError) -> SelfSignedCertificate {
        guard let rsa = cn_make_rsa_key(2_048) else { throw .openSSL(takeOpenSSLReason()) }
        return try make(hosts: hosts, validity: validity, key: KeyHandle(adopting: rsa))
    }

    /// Another one for the same key, as who renews it makes it.
    package func renewed(hosts: [String]) throws(CryptoError) -> SelfSignedCertificate {
        try Self.make(hosts: hosts, validity: -Self.day...90 * Self.day, key: try KeyHandle(pem: keyPEM))
    }

    private static func make(
        hosts: [String], validity: ClosedRange<Int>, key: KeyHandle
    ) throws(CryptoError) -> SelfSignedCertificate {
        let names = try alternativeNames(hosts)
        guard let certificate = X509_new() else { throw .openSSL(takeOpenSSLReason()) }
        defer { X509_free(certificate) }
        try check(X509_set_version(certificate, 2))
        // Positive whatever the highest bit is, and different each time, as RFC 5280 §4.1.2.2 asks.
        try check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), UInt64.random(in: 1...UInt64(Int64.max))))
        _ = X509_gmtime_adj(X509_getm_notBefore(certificate), validity.lowerBound)
        _ = X509_gmtime_adj(X509_getm_notAfter(certificate), validity.upperBound)
        try check(X509_set_pubkey(certificate, key.handle))
        let name = X509_get_subject_name(certificate)
        let commonName = hosts.first ?? "localhost"
        try check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, -1, -1, 0))
        try check(X509_set_issuer_name(certificate, name))
        try add(NID_basic_constraints, "critical,CA:FALSE", to: certificate)
        try add(NID_ext_key_usage, "serverAuth", to: certificate)
        try add(NID_subject_alt_name, names, to: certificate)
        guard X509_sign(certificate, key.handle, EVP_sha256()) > 0 else { throw .openSSL(takeOpenSSLReason()) }
        let leaf = PeerCertificate(certificate)
        return SelfSignedCertificate(
            certificatePEM: try MemoryBIO.text { PEM_write_bio_X509($0, certificate) },
            keyPEM: try key.pem,
            fingerprint: leaf.fingerprint,
            spkiPin: leaf.publicKeyPin)
    }

    private static let day = 86_400

    /// In the syntax of x509v3_config(5), where a comma or a line break would begin something else.
    private static func alternativeNames(_ hosts: [String]) throws(CryptoError) -> String {
        var names: [String] = []
        for host in hosts.isEmpty ? ["localhost"] : hosts {
            let isPlain = host.utf8.allSatisfy { character in
                switch character {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."): true
                default: character == UInt8(ascii: "*")
                }
            }
            guard isPlain, !host.isEmpty else { throw .unusableHost(host) }
            names.append((isAddress(host) ? "IP:" : "DNS:") + host)
        }
        return names.joined(separator: ",")
    }

    private static func add(_ identifier: CInt, _ value: String, to certificate: OpaquePointer) throws(CryptoError) {
        guard let item = X509V3_EXT_conf_nid(nil, nil, identifier, value) else { throw .openSSL(takeOpenSSLReason()) }
        defer { X509_EXTENSION_free(item) }
        try check(X509_add_ext(certificate, item, -1))
    }

    private static func check(_ result: CInt) throws(CryptoError) {
        guard result == 1 else { throw .openSSL(takeOpenSSLReason()) }
    }
}

/// Whether `host` is an IP address rather than a name.
func isAddress(_ host: String) -> Bool {
    guard let address = a2i_IPADDRESS(host) else {
        ERR_clear_error()
        return false
    }
    ASN1_OCTET_STRING_free(address)
    return true
}
