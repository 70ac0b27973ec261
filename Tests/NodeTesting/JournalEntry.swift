/// An entry of the journal's native protocol, read as its documentation says.
package struct JournalEntry {
    package struct Malformed: Error {
        package let rest: [UInt8]
    }

    package private(set) var fields: [String: String] = [:]

    package init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let line = rest[..<end]
            if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                try add(line[..<equals], line[(equals + 1)...])
                rest = rest[(end + 1)...]
                continue
            }
            // The name alone in its line: 64 bits of length, little-endian, and so many bytes follow.
            let start = end + 1 + 8
            guard rest.endIndex > start else { throw Malformed(rest: Array(rest)) }
            let length = rest[(end + 1)..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
            guard rest.endIndex > start + length, rest[start + length] == 0x0A else {
                throw Malformed(rest: Array(rest))
            }
            try add(line, rest[start..<(start + length)])
            rest = rest[(start + length + 1)...]
        }
        guard rest.isEmpty else { throw Malformed(rest: Array(rest)) }
    }

    /// The journal drops what has another kind of name, and protects those that begin with an underscore.
    private mutating func add(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws {
        let isNamed = name.allSatisfy { byte in
            (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
        }
        guard isNamed, (1...64).contains(name.count), name.first != UInt8(ascii: "_") else {
            throw Malformed(rest: Array(name))
        }
        fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
    }
}
