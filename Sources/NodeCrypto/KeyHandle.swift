import COpenSSL

/// The owner of one `EVP_PKEY`. OpenSSL counts references atomically and only reads a finished key, so threads may share it.
final class KeyHandle: @unchecked Sendable {
    let handle: OpaquePointer

    init(adopting handle: OpaquePointer) {
        self.handle = handle
    }

    /// Reads the first private key of `pem`.
    convenience init(pem: String) throws(CryptoError) {
        // Without a callback OpenSSL would ask the terminal for the password of an encrypted key.
        let handle = MemoryBIO.reading(pem) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        guard let handle else { throw .unreadablePEM(takeOpenSSLReason()) }
        self.init(adopting: handle)
    }

    deinit {
        EVP_PKEY_free(handle)
    }

    /// PKCS#8, unencrypted.
    var pem: String {
        get throws(CryptoError) {
            try MemoryBIO.text { PEM_write_bio_PrivateKey($0, handle, nil, nil, 0, nil, nil) }
        }
    }
}
