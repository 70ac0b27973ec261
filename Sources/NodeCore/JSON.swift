import FoundationEssentials

/// Why a text is not the JSON that was expected; says where, in the reader's words.
package struct JSONFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ error: any Error) {
        description =
            switch error {
            case DecodingError.keyNotFound(let key, let context): "\(Self.path(context.codingPath + [key])) is missing"
            case DecodingError.valueNotFound(_, let context): "\(Self.path(context.codingPath)) is null"
            case DecodingError.typeMismatch(let type, let context):
                "\(Self.path(context.codingPath)) must be \(Self.words(for: type))"
            case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
                "\(Self.path(context.codingPath)): \(context.debugDescription)"
            default: "not valid JSON"
            }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the text" : keys.map(\.stringValue).joined(separator: ".")
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Double.Type, is Float.Type: "a number"
        case is any FixedWidthInteger.Type: "an integer"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }
}

extension KeyedDecodingContainer {
    /// A whole number, nil where none is said. Asked for an `Int` itself, the decoder takes `1.5`, and what is too large, for a flaw of
    /// the text, and tells no key.
    package func integerIfPresent(forKey key: Key) throws -> Int? {
        guard let said = try decodeIfPresent(Double.self, forKey: key) else { return nil }
        guard let number = Int(exactly: said) else {
            let path = codingPath + [key]
            throw DecodingError.typeMismatch(Int.self, DecodingError.Context(codingPath: path, debugDescription: ""))
        }
        return number
    }
}

/// Everything that reads or writes JSON by type goes through here, so that the library behind it can be replaced.
package enum JSON {
    package static func decode<T: Decodable>(_ type: T.Type, from text: [UInt8]) throws(JSONFailure) -> T {
        do {
            return try text.withUnsafeBytes { raw in
                // Lent, not copied: the decoder does not outlive the call.
                let data =
                    raw.baseAddress.map {
                        Data(
                            bytesNoCopy: UnsafeMutableRawPointer(mutating: $0), count: raw.count, deallocator: .none)
                    } ?? Data()
                return try JSONDecoder().decode(type, from: data)
            }
        } catch { throw JSONFailure(error) }
    }

    /// Keys sorted, slashes as they are, so that equal values have equal texts.
    package static func encode<T: Encodable>(_ value: T) throws(JSONFailure) -> [UInt8] {
        try encode(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    /// The same over several lines, for people.
    package static func encodePretty<T: Encodable>(_ value: T) throws(JSONFailure) -> [UInt8] {
        try encode(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }

    private static func encode<T: Encodable>(
        _ value: T, _ formatting: JSONEncoder.OutputFormatting
    ) throws(JSONFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do { return [UInt8](try encoder.encode(value)) } catch { throw JSONFailure(error) }
    }

    /// `text` as a JSON string, quotes included.
    package static func quoted(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 8 + 2)
        output.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x0A: output += Array("\\n".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
        return output
    }

    package static func quoted(_ text: String) -> [UInt8] {
        quoted(Array(text.utf8))
    }
}
