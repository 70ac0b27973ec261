/// Tells at the first byte that cannot be right that a text is not UTF-8, piece by piece.
///
/// What is allowed is Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
struct UTF8Validator: Sendable {
    /// Continuation bytes that are still to come.
    private var missing = 0
    /// What the next of them may be.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether a text could end here.
    var isComplete: Bool { missing == 0 }

    /// False when `bytes` cannot go on what came before.
    mutating func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        var offset = 0
        while offset < bytes.count {
            if missing == 0 { offset = Self.skipASCII(start, from: offset, count: bytes.count) }
            // A run of other scripts; back to the wide steps at the next ASCII letter.
            while offset < bytes.count {
                let byte = start.load(fromByteOffset: offset, as: UInt8.self)
                if missing == 0 {
                    if byte < 0x80 { break }
                    guard begins(with: byte) else { return false }
                } else {
                    guard allowed.contains(byte) else { return false }
                    allowed = 0x80...0xBF
                    missing -= 1
                }
                offset += 1
            }
        }
        return true
    }

    private mutating func begins(with byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: (missing, allowed) = (1, 0x80...0xBF)
        case 0xE0: (missing, allowed) = (2, 0xA0...0xBF)
        case 0xED: (missing, allowed) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (missing, allowed) = (2, 0x80...0xBF)
        case 0xF0: (missing, allowed) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (missing, allowed) = (3, 0x80...0xBF)
        case 0xF4: (missing, allowed) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }

    /// The offset of the first byte that is not ASCII.
    private static func skipASCII(_ start: UnsafeRawPointer, from first: Int, count: Int) -> Int {
        let high: UInt64 = 0x8080_8080_8080_8080
        var offset = first
        while offset + 64 <= count {
            var seen: UInt64 = 0
            for word in 0..<8 { seen |= start.loadUnaligned(fromByteOffset: offset + 8 * word, as: UInt64.self) }
            if seen & high != 0 { break }
            offset += 64
        }
        while offset + 8 <= count {
            if start.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & high != 0 { break }
            offset += 8
        }
        while offset < count, start.load(fromByteOffset: offset, as: UInt8.self) < 0x80 { offset += 1 }
        return offset
    }
}
