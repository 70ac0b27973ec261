/// Reads values from the wire, in either order of bytes. Whatever is wrong ends in `.malformed`.
struct Unmarshaller {
    private let bytes: ArraySlice<UInt8>
    private let isLittle: Bool
    /// From the start, by which values are aligned.
    private(set) var offset = 0

    init(_ bytes: ArraySlice<UInt8>, isLittle: Bool) {
        self.bytes = bytes
        self.isLittle = isLittle
    }

    var isAtEnd: Bool { offset == bytes.count }

    /// Values of these types, one after the other.
    mutating func values(_ signature: String) throws(BusError) -> [BusValue] {
        var codes = Array(signature.utf8)[...]
        var values: [BusValue] = []
        while !codes.isEmpty {
            let type = try Signature.takeType(from: &codes)
            values.append(try value(type, depth: 0))
        }
        return values
    }

    /// One value of a complete type.
    private mutating func value(_ type: ArraySlice<UInt8>, depth: Int) throws(BusError) -> BusValue {
        // Variants are in variants by as many levels as their sender likes.
        guard depth <= Signature.maxDepth, let code = type.first else { throw .malformed("too deep a value") }
        switch Character(Unicode.Scalar(code)) {
        case "y": return .byte(try number())
        case "b":
            let flag: UInt32 = try number()
            guard flag <= 1 else { throw .malformed("a boolean") }
            return .boolean(flag == 1)
        case "n": return .int16(try number())
        case "q": return .uint16(try number())
        case "i": return .int32(try number())
        case "u": return .uint32(try number())
        case "x": return .int64(try number())
        case "t": return .uint64(try number())
        case "d": return .double(Double(bitPattern: try number()))
        case "s": return .string(try text(length: Int(try number() as UInt32)))
        case "o": return .objectPath(try text(length: Int(try number() as UInt32)))
        case "g": return .signature(try text(length: Int(try number() as UInt8)))
        case "a": return try array(of: type.dropFirst(), depth: depth)
        case "v":
            var inner = Array(try text(length: Int(try number() as UInt8)).utf8)[...]
            let type = try Signature.takeType(from: &inner)
            guard inner.isEmpty else { throw .malformed("a variant of several values") }
            return .variant(try value(type, depth: depth + 1))
        case "(":
            try align(to: 8)
            return .structure(try members(type.dropFirst().dropLast(), depth: depth))
        case "{":
            try align(to: 8)
            let members = try members(type.dropFirst().dropLast(), depth: depth)
            guard members.count == 2 else { throw .malformed("an entry") }
            return .entry(members[0], members[1])
        default: throw .malformed("a type that is not understood")
        }
    }

    private mutating func members(_ types: ArraySlice<UInt8>, depth: Int) throws(BusError) -> [BusValue] {
        var types = types
        var members: [BusValue] = []
        while !types.isEmpty {
            let type = try Signature.takeType(from: &types)
            members.append(try value(type, depth: depth + 1))
        }
        return members
    }

    private mutating func array(of element: ArraySlice<UInt8>, depth: Int) throws(BusError) -> BusValue {
        let length = Int(try number() as UInt32)
        try align(to: Signature.alignment(of: element.first))
        guard length <= bytes.count - offset else { throw .malformed("an array beyond the end") }
        let end = offset + length
        var elements: [BusValue] = []
        while offset < end { elements.append(try value(element, depth: depth + 1)) }
        guard offset == end else { throw .malformed("an array's length") }
        return .array(of: String(decoding: element, as: UTF8.self), elements)
    }

    /// With the zero behind it.
    private mutating func text(length: Int) throws(BusError) -> String {
        let piece = try take(length + 1)
        guard piece.last == 0, let text = String(validating: piece.dropLast(), as: UTF8.self) else {
            throw .malformed("a text")
        }
        return text
    }

    private mutating func number<T: FixedWidthInteger>() throws(BusError) -> T {
        try align(to: MemoryLayout<T>.size)
        let number = try take(MemoryLayout<T>.size).withUnsafeBytes { $0.loadUnaligned(as: T.self) }
        return isLittle ? T(littleEndian: number) : T(bigEndian: number)
    }

    mutating func align(to size: Int) throws(BusError) {
        _ = try take((size - offset % size) % size)
    }

    private mutating func take(_ count: Int) throws(BusError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - offset else { throw .malformed("a value beyond the end") }
        defer { offset += count }
        return bytes.dropFirst(offset).prefix(count)
    }
}
