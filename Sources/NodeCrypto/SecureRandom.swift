import Glibc

/// Bytes nobody can guess, from the kernel.
package enum SecureRandom {
    /// Blocks only in the first moments after boot, until the kernel has collected enough.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                // getentropy(3) gives at most 256 at a time; it is neither interrupted nor short.
                let piece = min(256, count - filled)
                let result = getentropy(buffer.baseAddress.map { $0 + filled }, piece)
                precondition(result == 0, "the kernel has no getrandom(2)")
                filled += piece
            }
        }
    }

    /// A version 4 UUID in lower case (RFC 9562 §5.4).
    package static func uuid() -> String {
        var bytes = bytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let parts = [bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[8..<10], bytes[10..<16]]
        return parts.map(Hexadecimal.text).joined(separator: "-")
    }
}
