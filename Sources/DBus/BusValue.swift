/// A value as D-Bus has them; all but descriptors, which nothing here sends or takes.
package enum BusValue: Equatable, Sendable {
    case byte(UInt8)
    case boolean(Bool)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case uint64(UInt64)
    case double(Double)
    case string(String)
    case objectPath(String)
    case signature(String)
    /// With its elements' signature, because there may be none of them.
    case array(of: String, [BusValue])
    case structure([BusValue])
    indirect case entry(BusValue, BusValue)
    indirect case variant(BusValue)

    package var signature: String {
        switch self {
        case .byte: "y"
        case .boolean: "b"
        case .int16: "n"
        case .uint16: "q"
        case .int32: "i"
        case .uint32: "u"
        case .int64: "x"
        case .uint64: "t"
        case .double: "d"
        case .string: "s"
        case .objectPath: "o"
        case .signature: "g"
        case .array(let element, _): "a" + element
        case .structure(let members): "(" + members.map(\.signature).joined() + ")"
        case .entry(let key, let value): "{" + key.signature + value.signature + "}"
        case .variant: "v"
        }
    }
}

/// What a caller expects is asked for by its kind; another kind is nil, as an absent value is.
extension BusValue {
    package var text: String? {
        switch self {
        case .string(let text), .objectPath(let text): text
        case .variant(let value): value.text
        default: nil
        }
    }

    package var flag: Bool? {
        switch self {
        case .boolean(let flag): flag
        case .variant(let value): value.flag
        default: nil
        }
    }

    package var integer: Int? {
        switch self {
        case .byte(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int64(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .variant(let value): value.integer
        default: nil
        }
    }

    package var number: Double? {
        switch self {
        case .double(let value): value
        case .variant(let value): value.number
        default: nil
        }
    }

    package var elements: [BusValue]? {
        switch self {
        case .array(_, let elements), .structure(let elements): elements
        case .variant(let value): value.elements
        default: nil
        }
    }

    /// Of an array of entries whose keys are texts, the values by these.
    package var dictionary: [String: BusValue]? {
        guard let elements else { return nil }
        var values: [String: BusValue] = [:]
        for case .entry(let key, let value) in elements { values[key.text ?? ""] = value }
        return values
    }

    /// Of an array of bytes.
    package var bytes: [UInt8]? {
        guard case .array("y", let elements) = self else { return nil }
        return elements.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
    }
}
