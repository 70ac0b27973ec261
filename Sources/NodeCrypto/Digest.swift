import COpenSSL

/// One-shot hashes.
package enum Digest {
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha256()) }

    /// For the WebSocket handshake (RFC 6455 §4.2.2) only: nothing that needs protection may rest on it.
    package static func sha1(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha1()) }

    private static func digest(_ bytes: [UInt8], _ algorithm: OpaquePointer?) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
            var written: UInt32 = 0
            let succeeded = EVP_Digest(bytes, bytes.count, buffer.baseAddress, &written, algorithm, nil)
            // Fails without memory or without OpenSSL's default provider: nothing here works then.
            precondition(succeeded == 1, "OpenSSL cannot hash: \(takeOpenSSLReason())")
            count = Int(written)
        }
    }
}
