/// Why a text is not the JSON that a frame must be.
package struct JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Bytes before the fault.
    package let offset: Int
    package let reason: String

    package var description: String { "\(reason) at byte \(offset)" }
}

/// Reads JSON as RFC 8259 has it and not a bit more: a key twice in one object, `NaN`, a trailing comma, a raw control
/// character, a lone surrogate and what follows the value are faults. Text of 24 MB costs some milliseconds.
package struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var depth = 0

    // Deeper than any frame a node has reason to send, shallower than a thread's stack.
    private static let deepest = 200

    package static func read(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        // `withUnsafeBufferPointer` loses the error's type before Swift 6.1; the detour keeps it.
        let result: Result<JSONValue, JSONFault> = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(bytes: buffer)
            do throws(JSONFault) { return .success(try reader.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private mutating func document() throws(JSONFault) -> JSONValue {
        skipSpaces()
        let value = try value()
        skipSpaces()
        guard offset == bytes.count else { throw fault("something follows the value") }
        return value
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        switch peek {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("the text ends where a value should be")
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[offset...].starts(with: letters) else { throw fault("no value of JSON") }
        offset += letters.count
        return value
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        try enter()
        var members: [JSONObject.Member] = []
        skipSpaces()
        if take(UInt8(ascii: "}")) { return leave(.object(JSONObject())) }
        repeat {
            skipSpaces()
            guard peek == UInt8(ascii: "\"") else { throw fault("a key should be here") }
            let keyStart = offset
            let key = try string()
            if members.contains(where: { $0.key == key }) {
                throw JSONFault(offset: keyStart, reason: "the key \"\(key)\" a second time")
            }
            skipSpaces()
            guard take(UInt8(ascii: ":")) else { throw fault("a colon should be here") }
            skipSpaces()
            let start = offset
            let value = try value()
            members.append(JSONObject.Member(key: key, value: value, range: start..<offset))
            skipSpaces()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("a comma or } should be here") }
        return leave(.object(JSONObject(members)))
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        skipSpaces()
        if take(UInt8(ascii: "]")) { return leave(.array([])) }
        repeat {
            skipSpaces()
            elements.append(try value())
            skipSpaces()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("a comma or ] should be here") }
        return leave(.array(elements))
    }

    private mutating func number() throws(JSONFault) -> Double {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        let isZero = peek == UInt8(ascii: "0")
        let whole = takeDigits()
        guard whole > 0 else { throw JSONFault(offset: start, reason: "no value of JSON") }
        if isZero && whole > 1 { throw JSONFault(offset: start, reason: "a number with a leading zero") }
        if take(UInt8(ascii: ".")), takeDigits() == 0 { throw fault("a digit should be here") }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            offset += 1
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            if takeDigits() == 0 { throw fault("a digit should be here") }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw JSONFault(offset: start, reason: "a number that no double holds")
        }
        return number
    }

    // MARK: Steps

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func takeDigits() -> Int {
        let start = offset
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        return offset - start
    }

    private mutating func skipSpaces() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func enter() throws(JSONFault) {
        depth += 1
        guard depth <= Self.deepest else { throw fault("nested deeper than \(Self.deepest)") }
        offset += 1
    }

    private mutating func leave(_ value: JSONValue) -> JSONValue {
        depth -= 1
        return value
    }

    private func fault(_ reason: String) -> JSONFault {
        JSONFault(offset: offset, reason: reason)
    }
}

// MARK: Strings

extension JSONReader {
    private mutating func string() throws(JSONFault) -> String {
        offset += 1
        let start = offset
        skipPlain()
        if take(UInt8(ascii: "\"")) { return String(decoding: bytes[start..<(offset - 1)], as: UTF8.self) }
        var text = Array(bytes[start..<offset])
        while true {
            guard let byte = peek else { throw fault("the text ends inside a string") }
            if take(UInt8(ascii: "\"")) { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else { throw fault("a raw control character in a string") }
            offset += 1
            try escape(into: &text)
            let plain = offset
            skipPlain()
            text += bytes[plain..<offset]
        }
    }

    /// Goes to the next quote, backslash or control character, eight bytes at a time.
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = ones << 7
        let base = UnsafeRawPointer(bytes.baseAddress!)  // there is one: a quote has been read
        while offset + 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            // A byte's top bit is set where the byte was below the subtrahend and had no top bit itself.
            let below = (word &- (ones &* 0x20)) & ~word
            let found = (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | below
            if found & tops != 0 { break }
            offset += 8
        }
        while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { offset += 1 }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
        let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 8,
            UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
        ]
        guard let byte = peek else { throw fault("the text ends inside a string") }
        offset += 1
        if let plain = escapes[byte] {
            text.append(plain)
            return
        }
        guard byte == UInt8(ascii: "u") else { throw fault("no escape of JSON") }
        var code = UInt32(try hexadecimal())
        if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = UInt32(try hexadecimal())
            guard (0xDC00..<0xE000).contains(low) else { throw fault("a lone surrogate") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("a lone surrogate") }
        text += String(Character(scalar)).utf8
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt16 {
        let digits = bytes[offset..<min(offset + 4, bytes.count)]
        // A sign would be understood as well.
        guard digits.count == 4, digits.first != UInt8(ascii: "+"),
            let code = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits should be here") }
        offset += 4
        return code
    }
}
