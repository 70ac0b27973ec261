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
}
