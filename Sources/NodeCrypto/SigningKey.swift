import COpenSSL

/// An Ed25519 private key (RFC 8032).
package struct SigningKey: Sendable {
    private let key: KeyHandle

    package static func generate() -> SigningKey {
        do { return try SigningKey(seed: SecureRandom.bytes(keyLength)) } catch {
            // Every 32 bytes are a key; what is left is an OpenSSL without its default provider.
            fatalError("OpenSSL cannot make an Ed25519 key: \(error)")
        }
    }

    /// The key whose 32 secret bytes are `seed`.
    package init(seed: [UInt8]) throws(CryptoError) {
        guard seed.count == keyLength else { throw .wrongLength(seed.count) }
        guard let handle = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
            throw .openSSL(takeOpenSSLReason())
        }
        key = KeyHandle(adopting: handle)
    }

    /// Reads what `pkcs8PEM` gave. Encrypted keys are refused, nobody is asked for a password.
    package init(pkcs8PEM: String) throws(CryptoError) {
        key = try KeyHandle(pem: pkcs8PEM)
        guard EVP_PKEY_get_id(key.handle) == EVP_PKEY_ED25519 else { throw .notEd25519 }
    }

    /// `-----BEGIN PRIVATE KEY-----` and so on: a secret.
    package var pkcs8PEM: String {
        get throws(CryptoError) { try key.pem }
    }

    /// `-----BEGIN PUBLIC KEY-----` and so on.
    package var spkiPEM: String {
        get throws(CryptoError) { try MemoryBIO.text { PEM_write_bio_PUBKEY($0, key.handle) } }
    }

    /// The raw 32 bytes.
    package var publicKey: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: keyLength) { buffer, count in
            count = buffer.count
            let succeeded = EVP_PKEY_get_raw_public_key(key.handle, buffer.baseAddress, &count)
            precondition(succeeded == 1 && count == keyLength, "an Ed25519 key has a public key of 32 bytes")
        }
    }

    /// The 64 bytes of the pure Ed25519 signature; the same bytes give the same signature.
    package func sign(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, nil, nil, key.handle) == 1 else {
            throw .openSSL(takeOpenSSLReason())
        }
        var succeeded: CInt = 0
        let signature = [UInt8](unsafeUninitializedCapacity: signatureLength) { buffer, count in
            var length = buffer.count
            succeeded = EVP_DigestSign(context, buffer.baseAddress, &length, bytes, bytes.count)
            count = succeeded == 1 ? length : 0
        }
        guard succeeded == 1 else { throw .openSSL(takeOpenSSLReason()) }
        return signature
    }
}

/// An Ed25519 public key (RFC 8032).
package struct VerifyingKey: Sendable {
    private let key: KeyHandle

    /// The key whose 32 public bytes are `raw`.
    package init(raw: [UInt8]) throws(CryptoError) {
        guard raw.count == keyLength else { throw .wrongLength(raw.count) }
        guard let handle = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count) else {
            throw .openSSL(takeOpenSSLReason())
        }
        key = KeyHandle(adopting: handle)
    }

    package func isValid(_ signature: [UInt8], for bytes: [UInt8]) -> Bool {
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key.handle) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    }
}

private let keyLength = 32
private let signatureLength = 64
