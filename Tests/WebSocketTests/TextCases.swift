@testable import WebSocket

/// Category 6: text is UTF-8 (§5.6), and what is not fails the connection (§8.1), here at the first byte that shows it.
extension CaseTable {
    /// By the Unicode standard's Table 3-7, and Autobahn's own choice of them.
    static let validTexts: [(category: String, name: String, bytes: [UInt8])] = [
        ("6.2", "several scripts", Array("Hello-µ@ßöäüàá-UTF-8!!".utf8)),
        ("6.5", "Greek", Array("κόσμε".utf8)),
        ("6.7", "the first of one byte", [0x00]), ("6.7", "the first of two bytes", [0xC2, 0x80]),
        ("6.7", "the first of three bytes", [0xE0, 0xA0, 0x80]),
        ("6.7", "the first of four bytes", [0xF0, 0x90, 0x80, 0x80]),
        ("6.9", "the last of one byte", [0x7F]), ("6.9", "the last of two bytes", [0xDF, 0xBF]),
        ("6.9", "the last of three bytes", [0xEF, 0xBF, 0xBF]),
        ("6.9", "the last of four bytes", [0xF4, 0x8F, 0xBF, 0xBF]),
        ("6.11", "U+D7FF", [0xED, 0x9F, 0xBF]), ("6.11", "U+E000", [0xEE, 0x80, 0x80]),
        ("6.11", "U+FFFD", [0xEF, 0xBF, 0xBD]), ("6.11", "U+FEFF", [0xEF, 0xBB, 0xBF]),
        ("6.11", "U+10FFFF", [0xF4, 0x8F, 0xBF, 0xBF]),
        ("6.22", "U+FFFE, no character", [0xEF, 0xBF, 0xBE]), ("6.22", "U+FDD0, no character", [0xEF, 0xB7, 0x90]),
        ("6.22", "U+1FFFE, no character", [0xF0, 0x9F, 0xBF, 0xBE]),
        ("6.22", "U+8FFFF, no character", [0xF2, 0x8F, 0xBF, 0xBF]),
        ("6.22", "U+10FFFE, no character", [0xF4, 0x8F, 0xBF, 0xBE]),
        ("6.23", "U+FFF9 to U+FFFB", [0xEF, 0xBF, 0xB9, 0xEF, 0xBF, 0xBA, 0xEF, 0xBF, 0xBB]),
    ]

    /// With the number of bytes after which it is clear; nil: only by what follows, or when the text ends.
    static let invalidTexts: [(category: String, name: String, bytes: [UInt8], after: Int?)] = [
        ("6.3", "a surrogate behind Greek", Array("κόσμε".utf8) + [0xED, 0xA0, 0x80], 12),
        ("6.4", "above U+10FFFF behind Greek", Array("κόσμε".utf8) + [0xF4, 0x90, 0x80, 0x80], 12),
        ("6.8", "five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], 1),
        ("6.8", "six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], 1),
        ("6.10", "the last of four bytes, were there more", [0xF7, 0xBF, 0xBF, 0xBF], 1),
        ("6.10", "the last of five bytes", [0xFB, 0xBF, 0xBF, 0xBF, 0xBF], 1),
        ("6.10", "the last of six bytes", [0xFD, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF], 1),
        ("6.11", "U+110000", [0xF4, 0x90, 0x80, 0x80], 2),
        ("6.12", "the first continuation byte", [0x80], 1), ("6.12", "the last continuation byte", [0xBF], 1),
        ("6.12", "two continuation bytes", [0x80, 0xBF], 1),
        ("6.12", "all continuation bytes", [UInt8](0x80...0xBF), 1),
        ("6.12", "one too many", [0xC2, 0x80, 0x80], 3),
        ("6.13", "lonely starts of two bytes", [0xC2, 0x20, 0xC3, 0x20], 2),
        ("6.13", "lonely starts of three bytes", [0xE0, 0x20, 0xE1, 0x20], 2),
        ("6.13", "lonely starts of four bytes", [0xF0, 0x20, 0xF1, 0x20], 2),
        ("6.13", "a start behind a start", [0xE2, 0xE2], 2),
        ("6.14", "one of two bytes", [0xDF], nil), ("6.14", "one of three bytes", [0xEF], nil),
        ("6.14", "two of three bytes", [0xE0, 0xA0], nil), ("6.14", "two of three bytes, the last", [0xEF, 0xBF], nil),
        ("6.14", "one of four bytes", [0xF0], nil), ("6.14", "two of four bytes", [0xF0, 0x90], nil),
        ("6.14", "three of four bytes", [0xF0, 0x90, 0x80], nil),
        ("6.14", "three of four bytes, the last", [0xF4, 0x8F, 0xBF], nil),
        ("6.14", "an overlong one, incomplete", [0xE0, 0x80], 2),
        ("6.14", "a surrogate, incomplete", [0xED, 0xA0], 2),
        ("6.14", "above U+10FFFF, incomplete", [0xF4, 0x90], 2),
        ("6.15", "incomplete ones in a row", [0xC2, 0xE0, 0xA0, 0xF0, 0x90, 0x80], 2),
        ("6.16", "FE", [0xFE], 1), ("6.16", "FF", [0xFF], 1), ("6.16", "FE FE FF FF", [0xFE, 0xFE, 0xFF, 0xFF], 1),
        ("6.17", "overlong / in two", [0xC0, 0xAF], 1), ("6.17", "overlong / in three", [0xE0, 0x80, 0xAF], 2),
        ("6.17", "overlong / in four", [0xF0, 0x80, 0x80, 0xAF], 2),
        ("6.17", "overlong / in five", [0xF8, 0x80, 0x80, 0x80, 0xAF], 1),
        ("6.17", "overlong / in six", [0xFC, 0x80, 0x80, 0x80, 0x80, 0xAF], 1),
        ("6.18", "the largest overlong of two", [0xC1, 0xBF], 1),
        ("6.18", "the largest overlong of three", [0xE0, 0x9F, 0xBF], 2),
        ("6.18", "the largest overlong of four", [0xF0, 0x8F, 0xBF, 0xBF], 2),
        ("6.19", "overlong NUL in two", [0xC0, 0x80], 1), ("6.19", "overlong NUL in three", [0xE0, 0x80, 0x80], 2),
        ("6.19", "overlong NUL in four", [0xF0, 0x80, 0x80, 0x80], 2),
        ("6.20", "U+D800", [0xED, 0xA0, 0x80], 2), ("6.20", "U+DB7F", [0xED, 0xAD, 0xBF], 2),
        ("6.20", "U+DB80", [0xED, 0xAE, 0x80], 2), ("6.20", "U+DBFF", [0xED, 0xAF, 0xBF], 2),
        ("6.20", "U+DC00", [0xED, 0xB0, 0x80], 2), ("6.20", "U+DFFF", [0xED, 0xBF, 0xBF], 2),
        ("6.21", "a pair of surrogates", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80], 2),
        ("6.21", "the last pair of surrogates", [0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF], 2),
    ]

    mutating func addText() {
        begin("6.1", "§5.6: a text may be empty")
        accept("an empty text", frame(0x81), [Self.text("")])
        accept("three empty fragments", fragments(1, [[], [], []]), [Self.text("")])
        accept(
            "empty fragments around text", fragments(1, [[], Array("middle frame payload".utf8), []]),
            [Self.text("middle frame payload")])
        for (category, name, bytes) in Self.validTexts { addValid(category, name, bytes) }
        for (category, name, bytes, after) in Self.invalidTexts { addInvalid(category, name, bytes, after) }
        addEveryPair()
    }

    private mutating func addValid(_ category: String, _ name: String, _ text: [UInt8]) {
        begin(category, "§5.6: it may be cut within a character, §5.4")
        let event = Event.message(.text(text))
        accept(name, frame(0x81, text), [event])
        accept("\(name), a byte a fragment", fragments(1, text.map { [$0] }), [event])
        for split in 0...text.count {
            let pieces = [Array(text[..<split]), Array(text[split...])]
            accept("\(name), cut at \(split)", fragments(1, pieces, between: frame(0x89, [7])), [.ping([7]), event])
        }
    }

    private mutating func addInvalid(_ category: String, _ name: String, _ text: [UInt8], _ after: Int?) {
        begin(category, "§8.1: what is not UTF-8 MUST fail")
        let ping = frame(0x89, [7])
        let later = after.flatMap { Self.difference(text, after: $0) }
        refuse(name, frame(0x81, text), at: headSize + (after ?? text.count), .invalidPayload, but: later)
        let before = Array("before €".utf8)
        let within = before + text + Array("behind".utf8)
        refuse(
            "\(name) within text", frame(0x81, within), at: headSize + before.count + (after ?? text.count + 1),
            .invalidPayload, but: later)
        for split in 0...text.count {
            let start = frame(0x01, Array(text[..<split]))
            let rest = Array(text[split...])
            if let after, after <= split {
                refuse(
                    "\(name), cut at \(split)", start + frame(0x80, rest), at: headSize + after, .invalidPayload,
                    but: later)
            } else {
                refuse(
                    "\(name), cut at \(split), with a ping", after: start + ping, giving: [.ping([7])],
                    frame(0x80, rest),
                    at: headSize + (after.map { $0 - split } ?? rest.count), .invalidPayload, but: later)
            }
        }
        guard after == nil else { return }
        refuse(
            "\(name), at the end of the last of three fragments", after: frame(0x01, text) + frame(0x00), frame(0x80),
            at: headSize, .invalidPayload)
    }

    private static func difference(_ text: [UInt8], after: Int) -> WireCase.Difference? {
        guard after > 1 else { return nil }
        return text[after - 2] == 0xED && (0xA0...0xBF).contains(text[after - 1]) ? .laterByte : nil
    }

    /// Table 3-7: what may begin a character, what may follow, and what must be behind that.
    private static let wellFormed: [(first: ClosedRange<UInt8>, second: ClosedRange<UInt8>, more: Int)] = [
        (0xC2...0xDF, 0x80...0xBF, 0), (0xE0...0xE0, 0xA0...0xBF, 1), (0xE1...0xEC, 0x80...0xBF, 1),
        (0xED...0xED, 0x80...0x9F, 1), (0xEE...0xEF, 0x80...0xBF, 1), (0xF0...0xF0, 0x90...0xBF, 2),
        (0xF1...0xF3, 0x80...0xBF, 2), (0xF4...0xF4, 0x80...0x8F, 2),
    ]

    private mutating func addEveryPair() {
        begin("6.x", "§8.1, Table 3-7 of the Unicode standard row by row")
        for first: UInt8 in 0x80...0xFF {
            guard let row = Self.wellFormed.first(where: { $0.first.contains(first) }) else {
                refuse("\(first) begins nothing", frame(0x81, [0x61, first]), at: headSize + 2, .invalidPayload)
                continue
            }
            let tail = [UInt8](repeating: 0x80, count: row.more)
            for second: UInt8 in [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xFF] {
                let text = [first, second] + tail
                if row.second.contains(second) {
                    accept("\(first) \(second)", frame(0x81, text), [.message(.text(text))])
                } else {
                    refuse(
                        "\(first) \(second)", frame(0x81, text), at: headSize + 2, .invalidPayload,
                        but: Self.difference(text, after: 2))
                }
            }
            for position in 0..<row.more {
                for wrong: UInt8 in [0x00, 0x7F, 0xC0, 0xFF] {
                    var text = [first, row.second.lowerBound] + tail
                    text[2 + position] = wrong
                    refuse(
                        "\(first), \(wrong) at \(2 + position)", frame(0x81, text), at: headSize + 3 + position,
                        .invalidPayload)
                }
            }
        }
    }
}
