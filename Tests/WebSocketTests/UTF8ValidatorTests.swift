import Testing

@testable import WebSocket

@Suite struct UTF8ValidatorTests {
    /// Bytes that cannot become UTF-8, and the number of them after which that is clear.
    static let invalid: [(bytes: [UInt8], after: Int)] = [
        ([0x80], 1), ([0xBF], 1), ([0xC0, 0x80], 1), ([0xC1, 0xBF], 1), ([0xF5], 1), ([0xFE], 1), ([0xFF], 1),
        ([0xC2, 0x41], 2), ([0xC2, 0xC2], 2), ([0xDF, 0x7F], 2),
        ([0xE0, 0x80, 0x80], 2), ([0xE0, 0x9F, 0xBF], 2), ([0xE2, 0x28, 0xA1], 2), ([0xE2, 0x82, 0x28], 3),
        ([0xED, 0xA0, 0x80], 2), ([0xED, 0xBF, 0xBF], 2),
        ([0xF0, 0x80, 0x80, 0x80], 2), ([0xF0, 0x8F, 0xBF, 0xBF], 2), ([0xF0, 0x90, 0x28, 0xBC], 3),
        ([0xF0, 0x90, 0x80, 0xC0], 4), ([0xF4, 0x90, 0x80, 0x80], 2), ([0xF4, 0xBF], 2),
        ([0x61, 0xE2, 0x82, 0xAC, 0x80], 5),
    ]

    @Test("the first byte that cannot be right is refused, behind any amount of text")
    func failFast() {
        for (bytes, after) in Self.invalid {
            for before in [0, 1, 7, 8, 63, 64, 65, 200] {
                var validator = UTF8Validator()
                let padding = [UInt8](repeating: 0x61, count: before)
                #expect(accepts(padding + bytes.prefix(after - 1), &validator), "\(bytes) after \(before)")
                #expect(!accepts([bytes[after - 1]], &validator), "\(bytes) after \(before)")
                var whole = UTF8Validator()
                #expect(!accepts(padding + bytes + padding, &whole), "\(bytes) after \(before)")
            }
        }
    }

    @Test("every sequence of bytes on the borders is judged as Swift's String judges it")
    func allBorders() {
        let borders: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0,
            0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var wrong: [[UInt8]] = []
        func judge(_ bytes: [UInt8]) {
            var validator = UTF8Validator()
            let isValid = accepts(bytes, &validator) && validator.isComplete
            if isValid != (String(validating: bytes, as: UTF8.self) != nil) { wrong.append(bytes) }
        }
        for a in UInt8.min...UInt8.max {
            for b in UInt8.min...UInt8.max { judge([a, b]) }
        }
        for a in borders {
            for b in borders {
                for c in borders {
                    judge([a, b, c])
                    // Four bytes: what begins none of four is settled above.
                    guard a >= 0xF0 else { continue }
                    for d in borders { judge([a, b, c, d]) }
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("text of all scripts is accepted, wherever it is split")
    func split() {
        let text = Array("plain ASCII, then é, €, 𝄞 and 日本語, and then ASCII again for a while, ÿ".utf8)
        for split in 0...text.count {
            var validator = UTF8Validator()
            #expect(accepts(Array(text[..<split]), &validator))
            let isBoundary = split == text.count || text[split] & 0xC0 != 0x80
            #expect(validator.isComplete == isBoundary)
            #expect(accepts(Array(text[split...]), &validator))
            #expect(validator.isComplete)
        }
    }

    private func accepts(_ bytes: [UInt8], _ validator: inout UTF8Validator) -> Bool {
        bytes.withUnsafeBytes { validator.accepts($0) }
    }
}
