import Testing

@testable import NodeCore

@Suite struct Base64Tests {
    @Test(
        "the test vectors of RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(String(decoding: Base64.encode(Array(plain.utf8)), as: UTF8.self) == encoded)
        #expect(Base64.encodedCount(plain.utf8.count) == encoded.utf8.count)
    }

    @Test("every byte value comes out as its six-bit groups say") func allBytes() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min...UInt8.max {
            let encoded = Base64.encode([byte, ~byte, byte])
            let value = Int(byte) << 16 | Int(~byte) << 8 | Int(byte)
            #expect(encoded == [18, 12, 6, 0].map { alphabet[value >> $0 & 63] })
        }
    }

    @Test("every length comes out as its groups of six bits, and not a byte behind it is written") func allLengths() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for count in 0...100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ count) }
            let bits = bytes.flatMap { byte in (0..<8).reversed().map { byte >> $0 & 1 } }
            let groups = stride(from: 0, to: bits.count, by: 6).map { start in
                (0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? Int(bits[start + $1]) : 0) }
            }
            let padding = [UInt8](repeating: UInt8(ascii: "="), count: (3 - count % 3) % 3)
            var output = [UInt8](repeating: 0x55, count: Base64.encodedCount(count) + 16)
            let written = bytes.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { Base64.encode(input, into: $0) }
            }
            #expect(output.prefix(written) == (groups.map { alphabet[$0] } + padding)[...])
            #expect(output.dropFirst(written) == [UInt8](repeating: 0x55, count: 16)[...])
        }
    }
}
