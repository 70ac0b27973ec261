/// Any JSON value, decoded only to be handed on as text.
package struct JSONText: Decodable, Equatable, Sendable {
    package let text: [UInt8]

    package init(from decoder: any Decoder) throws {
        text = try JSON.encode(Value(from: decoder))
    }

    private enum Value: Codable {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case string(String)
        case array([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            if let object = try? [String: Value](from: decoder) {
                self = .object(object)
            } else if let array = try? [Value](from: decoder) {
                self = .array(array)
            } else {
                // What none of these can read is not JSON, and the last attempt's error says so.
                let single = try decoder.singleValueContainer()
                if single.decodeNil() {
                    self = .null
                } else if let bool = try? single.decode(Bool.self) {
                    self = .bool(bool)
                } else if let integer = try? single.decode(Int64.self) {
                    self = .integer(integer)
                } else if let number = try? single.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .string(try single.decode(String.self))
                }
            }
        }

        func encode(to encoder: any Encoder) throws {
            var single = encoder.singleValueContainer()
            switch self {
            case .null: try single.encodeNil()
            case .bool(let value): try single.encode(value)
            case .integer(let value): try single.encode(value)
            case .number(let value): try single.encode(value)
            case .string(let value): try single.encode(value)
            case .array(let value): try single.encode(value)
            case .object(let value): try single.encode(value)
            }
        }
    }
}
