import COpenSSL
import Glibc

/// TLS for one connection, without a socket: ciphertext and plain bytes go in, the others come out.
///
/// Not thread-safe; its owner sees to that. After an error only `takeOutgoing` makes sense: it may hold an alert that tells
/// the peer why, which a client with pins must not send.
package final class TLSSession {
    let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private let pins: [CertificatePin]?
    private let serverName: String
    /// The first bytes that came; what failed is read off them.
    private var beginning: [UInt8] = []

    /// `serverName` is what the certificate must be for: a name, which the server is told (SNI), or an IP address.
    package convenience init(client context: TLSClientContext, serverName: String) throws(TLSError) {
        let serverName = Self.certifiable(serverName)
        try self.init(context.handle, pins: context.pins, serverName: serverName)
        SSL_set_connect_state(ssl)
        let parameters = SSL_get0_param(ssl)
        if isAddress(serverName) {
            X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName)
        } else {
            cn_set_server_name(ssl, serverName)
            X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            X509_VERIFY_PARAM_set1_host(parameters, serverName, 0)
        }
    }

    /// The part of a host's name that a certificate can be for: without the zone of a link-local address, and without the dot
    /// behind a whole name.
    private static func certifiable(_ host: String) -> String {
        if host.contains(":") { return String(host.prefix { $0 != "%" }) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    package convenience init(server context: TLSServerContext) throws(TLSError) {
        try self.init(context.handle, pins: nil, serverName: "")
        SSL_set_accept_state(ssl)
    }

    private init(_ context: OpaquePointer, pins: [CertificatePin]?, serverName: String) throws(TLSError) {
        guard let ssl = SSL_new(context) else { throw .protocolFailure(takeOpenSSLReason()) }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw .protocolFailure(takeOpenSSLReason())
        }
        SSL_set_bio(ssl, incoming, outgoing)  // which now owns both
        self.ssl = ssl
        self.incoming = incoming
        self.outgoing = outgoing
        self.pins = pins
        self.serverName = serverName
    }

    deinit {
        SSL_free(ssl)
    }

    /// Takes bytes from the network.
    package func receive(_ ciphertext: UnsafeRawBufferPointer) throws(TLSError) {
        guard !ciphertext.isEmpty else { return }
        if beginning.count < Self.plainAnswer.count {
            beginning += ciphertext.prefix(Self.plainAnswer.count - beginning.count)
        }
        guard BIO_write(incoming, ciphertext.baseAddress, CInt(ciphertext.count)) == ciphertext.count else {
            throw .protocolFailure(takeOpenSSLReason())
        }
    }

    /// Bytes that are to go to the network.
    package var outgoingCount: Int { cn_bio_pending(outgoing) }

    /// Moves as many of them to `buffer` as it has room for; gives their number.
    package func takeOutgoing(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        max(0, Int(BIO_read(outgoing, buffer.baseAddress, CInt(clamping: buffer.count))))
    }

    /// Goes on with the handshake as far as the bytes received allow; true when it is over and the peer is who it should be.
    package func handshake() throws(TLSError) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            try checkPins()
            return true
        }
        if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return false }
        throw handshakeError()
    }

    /// The number of plain bytes, 0 after the peer has said that no more will come, nil when more ciphertext is needed.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> Int? {
        ERR_clear_error()
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        if result == 1 { return count }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return nil
        case SSL_ERROR_ZERO_RETURN: return 0
        default: throw .protocolFailure(takeOpenSSLReason())
        }
    }

    /// Encrypts all of `bytes`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        var count = 0
        guard SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count) == 1 else {
            throw SSL_get_shutdown(ssl) == 0 ? .protocolFailure(takeOpenSSLReason()) : .closed
        }
    }

    /// Tells the peer that no more will come.
    package func shutdown() {
        // It is either told or the connection is beyond telling.
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// The pinned certificate that the peer has shown; nil where it is not by a pin that it is believed.
    package private(set) var pinnedCertificate: PeerCertificate?

    /// For how long the certificate that the peer has shown is still valid; nil where that does not matter, because it is pinned.
    package var peerDaysLeft: Int? {
        pins == nil ? cn_peer_certificate(ssl).flatMap(PeerCertificate.daysLeft) : nil
    }

    private static let plainAnswer = Array("HTTP/".utf8)

    private func checkPins() throws(TLSError) {
        guard let pins else { return }
        guard let handle = cn_peer_certificate(ssl) else { throw .protocolFailure("the server shows no certificate") }
        let certificate = PeerCertificate(handle)
        guard pins.contains(where: { $0.matches(certificate) }) else { throw .pinMismatch(presented: certificate) }
        pinnedCertificate = certificate
    }

    private func handshakeError() -> TLSError {
        let reason = takeOpenSSLReason()
        // OpenSSL takes it for a record of some other version or length, depending on its own.
        if beginning == Self.plainAnswer { return .plainHTTP(reason) }
        let verdict = SSL_get_verify_result(ssl)
        guard Int32(verdict) != X509_V_OK, pins == nil else { return .protocolFailure(reason) }
        let presented = cn_peer_certificate(ssl).map(PeerCertificate.fingerprint) ?? "unknown"
        switch Int32(verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return .hostMismatch(expected: serverName, presented: presented)
        case X509_V_ERR_CERT_NOT_YET_VALID: return .outOfTime(.notYetValid, clock: time(nil), presented: presented)
        case X509_V_ERR_CERT_HAS_EXPIRED: return .outOfTime(.expired, clock: time(nil), presented: presented)
        default:
            return .untrusted(reason: String(cString: X509_verify_cert_error_string(verdict)), presented: presented)
        }
    }
}
