@testable import WebSocket

/// Category 7: the closing handshake.
extension CaseTable {
    private func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        frame(0x88, [UInt8(code >> 8), UInt8(code & 255)] + reason)
    }

    private static func closed(_ code: UInt16, _ reason: String = "") -> Event {
        .close(CloseFrame(code: CloseCode(rawValue: code), reason: reason))
    }

    mutating func addClosing() {
        let text = frame(0x81, Array("Hello World!".utf8))
        let hello = Self.text("Hello World!")
        let normal = close(1000)
        let end = Self.closed(1000)

        begin("7.1", "§5.5.1: nothing counts behind a close frame; §5.5.2: nor is a ping answered")
        accept("a close behind a message", text + normal, [hello, end])
        accept("two closes", normal + normal, [end])
        accept("two closes that differ", normal + close(3000, [0x61]), [end])
        accept("a ping behind", normal + frame(0x89, [1]), [end])
        accept("a pong behind", normal + frame(0x8A), [end])
        accept("a text behind", normal + text, [end])
        accept("the first half of a frame behind", normal + text.prefix(3), [end])
        accept("what is no frame behind", normal + [UInt8](repeating: 0xFF, count: 40), [end])
        accept("text that is not UTF-8 behind", normal + frame(0x81, [0xFF]), [end])
        accept("within a message", frame(0x01, [0x61]) + normal, [end])
        accept("within a message, which goes on behind", frame(0x01, [0x61]) + normal + frame(0x80, [0x62]), [end])
        accept("within a character", frame(0x01, [0xE2, 0x82]) + normal + frame(0x80, [0xAC]), [end])
        let large = sampleText(256 << 10)
        accept(
            "behind 256 KiB, with a ping behind", frame(0x81, large) + normal + frame(0x89),
            [.message(.text(large)), end])
        accept("a close behind a ping", frame(0x89, [1]) + normal, [.ping([1]), end])

        begin("7.3", "§5.5.1: no body, or a code and a reason; §5.5: at most 125 bytes")
        accept("no body", frame(0x88), [Self.closed(1005)])
        refuse("half a code", frame(0x88, [0x03]), at: headSize + 1)
        refuse("half a code, zero", frame(0x88, [0x00]), at: headSize + 1)
        accept("a code", normal, [end])
        accept("a code and a reason", close(1000, Array("Hello World!".utf8)), [Self.closed(1000, "Hello World!")])
        accept("a reason of three bytes a character", close(1001, Array("€€".utf8)), [Self.closed(1001, "€€")])
        for size in 1...123 {
            accept(
                "a body of \(size + 2) bytes", close(1000, sampleText(size)),
                [Self.closed(1000, String(decoding: sampleText(size), as: UTF8.self))])
        }
        for size in [124, 125, 200, 0xFFFF] {
            refuse("a body of \(size + 2) bytes", close(1000, sampleText(size)), at: 2)
        }

        begin("7.5", "§5.5.1, §8.1: a reason is UTF-8")
        for (category, name, bytes, _) in Self.invalidTexts {
            let reason = bytes.prefix(123)
            refuse(
                "\(name) (\(category))", close(1000, Array(reason)), at: headSize + 2 + reason.count, .invalidPayload)
        }
        for (_, name, bytes) in Self.validTexts {
            accept(name, close(1000, bytes), [Self.closed(1000, String(decoding: bytes, as: UTF8.self))])
        }
        // What ends a closing code's validity comes before its reason.
        refuse("a wrong code and a wrong reason", close(999, [0xFF]), at: headSize + 3)

        addCloseCodes()
    }

    /// What a close frame may carry, by the sections that say so.
    private static let allowedCodes: [(codes: ClosedRange<UInt16>, section: String, difference: WireCase.Difference?)] =
        [
            (1000...1003, "§7.4.1", nil),
            (1007...1011, "§7.4.1", nil),
            (1012...1013, "§7.4.2, §11.7: registered", nil),
            (1014...1014, "§7.4.2, §11.7: registered", .laterCode),
            (3000...3999, "§7.4.2: registered for libraries and applications", nil),
            (4000...4999, "§7.4.2: for private use", nil),
        ]

    private static let refusedCodes: [(codes: ClosedRange<UInt16>, section: String)] = [
        (0...999, "§7.4.2: not used"),
        (1004...1004, "§7.4.1: reserved"),
        (1005...1006, "§7.4.1: MUST NOT be set in a close frame"),
        (1015...1015, "§7.4.1: MUST NOT be set in a close frame"),
        (1016...2999, "§7.4.2: of this protocol, and undefined"),
        (5000...5001, "§7.4.2: of no range"), (9_999...9_999, "§7.4.2: of no range"),
        (32_768...32_769, "§7.4.2: of no range"), (65_534...65_535, "§7.4.2: of no range"),
    ]

    private mutating func addCloseCodes() {
        for (codes, section, difference) in Self.allowedCodes {
            begin("7.7", section)
            for code in codes { accept("code \(code)", close(code), [Self.closed(code)], but: difference) }
            let last = codes.upperBound
            accept("code \(last) with a reason", close(last, [0x61]), [Self.closed(last, "a")], but: difference)
        }
        for (codes, section) in Self.refusedCodes {
            begin("7.9", section)
            for code in codes { refuse("code \(code)", close(code), at: headSize + 2) }
            refuse("code \(codes.upperBound) with a reason", close(codes.upperBound, [0x61]), at: headSize + 3)
            refuse(
                "code \(codes.upperBound) within a message", after: frame(0x01), close(codes.upperBound),
                at: headSize + 2)
        }
    }
}
