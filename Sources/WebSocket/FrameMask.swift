/// The XOR of RFC 6455 §5.3, at the speed of memory, continued over pieces of any length.
package struct FrameMask: Sendable {
    /// The four key bytes as they lie in memory, turned so that the next byte's comes first.
    private var key: UInt32

    /// `key` as it lies in memory.
    package init(key: UInt32) {
        self.key = key
    }

    /// A key of zero, which stands for no mask as well, costs nothing.
    package mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        guard key != 0, let start = bytes.baseAddress else { return }
        let wide = UInt64(key) << 32 | UInt64(key)
        let wideEnd = bytes.count & ~7
        // Eight bytes a turn, unaligned; the compiler makes vectors of them.
        for offset in stride(from: 0, to: wideEnd, by: 8) {
            let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            start.storeBytes(of: word ^ wide, toByteOffset: offset, as: UInt64.self)
        }
        // Every Linux that Swift runs on is little-endian: the low byte is the first in memory.
        for offset in wideEnd..<bytes.count {
            bytes[offset] ^= UInt8(truncatingIfNeeded: key)
            key = key >> 8 | key << 24
        }
    }
}
