import COpenSSL
import Glibc

/// Whom a client believes.
package enum TLSTrust: Sendable, Equatable {
    /// The machine's certificate authorities.
    case system
    /// Those, and the ones in a PEM file.
    case systemAnd(caFile: String)
    /// Only certificates that match one of these; neither their issuer nor their names matter.
    case pins([CertificatePin])

    /// What its owner has said; a pin outweighs authorities.
    package init(pins: [CertificatePin], caFile: String?) {
        self = pins.isEmpty ? caFile.map { .systemAnd(caFile: $0) } ?? .system : .pins(pins)
    }

    /// Where the machine's authorities are looked for: a file and a directory, each with the environment variable that names
    /// another.
    package static var systemPlaces: [(path: String, variable: String)] {
        [
            (String(cString: X509_get_default_cert_file()), String(cString: X509_get_default_cert_file_env())),
            (String(cString: X509_get_default_cert_dir()), String(cString: X509_get_default_cert_dir_env())),
        ]
    }
}

/// What all connections of one client share.
///
/// `@unchecked`: an `SSL_CTX` is not changed once made, and OpenSSL counts its users atomically.
package final class TLSClientContext: @unchecked Sendable {
    let handle: OpaquePointer
    /// Nil: authorities and names are what counts. With pins, none matching is a mismatch, and so is having none.
    let pins: [CertificatePin]?

    /// With pins no authority is loaded, which would take tens of milliseconds.
    package init(trust: TLSTrust) throws(TLSError) {
        handle = try makeContext(TLS_client_method())
        switch trust {
        case .system:
            pins = nil
            useSystemAuthorities()
        case .systemAnd(let path):
            pins = nil
            useSystemAuthorities()
            try useAuthorities(in: path)
        case .pins(let pins):
            self.pins = pins
            SSL_CTX_set_verify(handle, SSL_VERIFY_NONE, nil)
        }
    }

    deinit {
        SSL_CTX_free(handle)
    }

    private func useSystemAuthorities() {
        SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
        // A machine without any is found out when a certificate is judged, with the better message.
        SSL_CTX_set_default_verify_paths(handle)
        ERR_clear_error()
    }

    private func useAuthorities(in path: String) throws(TLSError) {
        guard access(path, R_OK) == 0 else {
            throw .unusableCAFile(path, reason: String(cString: strerror(errno)))
        }
        guard SSL_CTX_load_verify_file(handle, path) == 1 else {
            throw .unusableCAFile(path, reason: takeOpenSSLReason())
        }
    }
}

/// What all connections of one server share.
///
/// `@unchecked`: as for the client's.
package final class TLSServerContext: @unchecked Sendable {
    let handle: OpaquePointer

    package init(certificate: SelfSignedCertificate) throws(TLSError) {
        handle = try makeContext(TLS_server_method())
        // Nobody resumes a session here, so no ticket need be sent.
        SSL_CTX_set_num_tickets(handle, 0)
        let key: KeyHandle
        do { key = try KeyHandle(pem: certificate.keyPEM) } catch { throw .protocolFailure(error.description) }
        let leaf = MemoryBIO.reading(certificate.certificatePEM) { PEM_read_bio_X509($0, nil, nil, nil) }
        defer { X509_free(leaf) }
        guard SSL_CTX_use_certificate(handle, leaf) == 1, SSL_CTX_use_PrivateKey(handle, key.handle) == 1 else {
            throw .protocolFailure(takeOpenSSLReason())
        }
    }

    deinit {
        SSL_CTX_free(handle)
    }
}

private func makeContext(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
    guard let context = SSL_CTX_new(method) else { throw .protocolFailure(takeOpenSSLReason()) }
    cn_require_tls_1_2(context)
    cn_release_idle_buffers(context)
    cn_forbid_renegotiation(context)
    cn_forbid_session_cache(context)
    return context
}
