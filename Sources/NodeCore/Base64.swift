/// Standard base64 with padding (RFC 4648 §4), for replies.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Two characters for each 12 bits, so that three bytes cost two look-ups.
    private static let pairs: [UInt16] = (0..<4096).map { value in
        UInt16(alphabet[value >> 6]) | UInt16(alphabet[value & 63]) << 8
    }

    package static func encodedCount(_ count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: encodedCount(bytes.count)) { output, count in
            count = bytes.withUnsafeBytes { encode($0, into: UnsafeMutableRawBufferPointer(output)) }
        }
    }

    /// Encodes `bytes` to the start of `output`; gives the number of characters. Only the last piece of something larger may
    /// have a length that is not a multiple of three.
    package static func encode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        precondition(output.count >= encodedCount(bytes.count), "the output is too short")
        guard let input = bytes.baseAddress, let start = output.baseAddress else { return 0 }
        let whole = bytes.count / 3
        pairs.withUnsafeBufferPointer { pairs in
            var group = 0
            // Two groups at once, while there are the two bytes that the wide load takes too many.
            while 3 * group + 8 <= bytes.count {
                let value = UInt64(bigEndian: input.loadUnaligned(fromByteOffset: 3 * group, as: UInt64.self))
                let first = UInt64(pairs[Int(value >> 52)]) | UInt64(pairs[Int(value >> 40 & 4095)]) << 16
                let second = UInt64(pairs[Int(value >> 28 & 4095)]) | UInt64(pairs[Int(value >> 16 & 4095)]) << 16
                start.storeBytes(of: (first | second << 32).littleEndian, toByteOffset: 4 * group, as: UInt64.self)
                group += 2
            }
            while group < whole {
                let at = input + 3 * group
                let first = Int(at.load(as: UInt8.self))
                let second = Int(at.load(fromByteOffset: 1, as: UInt8.self))
                let third = Int(at.load(fromByteOffset: 2, as: UInt8.self))
                let value = first << 16 | second << 8 | third
                let four = UInt32(pairs[value >> 12]) | UInt32(pairs[value & 4095]) << 16
                start.storeBytes(of: four.littleEndian, toByteOffset: 4 * group, as: UInt32.self)
                group += 1
            }
        }
        let rest = bytes[(3 * whole)...]
        guard let first = rest.first else { return 4 * whole }
        let second = rest.dropFirst().first
        let value = Int(first) << 16 | Int(second ?? 0) << 8
        let end = start + 4 * whole
        end.storeBytes(of: alphabet[value >> 18], as: UInt8.self)
        end.storeBytes(of: alphabet[value >> 12 & 63], toByteOffset: 1, as: UInt8.self)
        end.storeBytes(
            of: second == nil ? UInt8(ascii: "=") : alphabet[value >> 6 & 63], toByteOffset: 2, as: UInt8.self)
        end.storeBytes(of: UInt8(ascii: "="), toByteOffset: 3, as: UInt8.self)
        return 4 * whole + 4
    }
}
