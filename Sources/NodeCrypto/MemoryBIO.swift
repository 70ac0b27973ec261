import COpenSSL

/// OpenSSL's reading and writing functions, on text in memory.
enum MemoryBIO {
    static func reading<R>(_ text: String, _ body: (OpaquePointer?) -> R) -> R {
        var text = text
        return text.withUTF8 { bytes in
            let bio = BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count))
            defer { BIO_free(bio) }
            return body(bio)
        }
    }

    /// What `body` wrote; it answers 1 when it could.
    static func text(_ body: (OpaquePointer?) -> CInt) throws(CryptoError) -> String {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        guard body(bio) == 1 else { throw .openSSL(takeOpenSSLReason()) }
        let bytes = [UInt8](unsafeUninitializedCapacity: cn_bio_pending(bio)) { buffer, count in
            count = Int(max(0, BIO_read(bio, buffer.baseAddress, CInt(clamping: buffer.count))))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
