/// What is not as the X protocol has it: shorter than it says.
struct X11Flaw: Error, Equatable {}

/// One request of the X protocol (X.Org's "X Window System Protocol", appendix B), little end first.
struct X11Request: Sendable {
    private var bytes: [UInt8]

    /// `detail` is the second byte: for extensions, which of their requests.
    init(_ opcode: UInt8, _ detail: UInt8 = 0) {
        bytes = [opcode, detail, 0, 0]
    }

    mutating func add<N: FixedWidthInteger>(_ number: N) {
        bytes.append(number: number)
    }

    mutating func add(text: String) {
        bytes += text.utf8
        bytes.pad()
    }

    mutating func skip(_ count: Int) {
        bytes += [UInt8](repeating: 0, count: count)
    }

    /// With its length, in words of four bytes.
    var wire: [UInt8] {
        let words = bytes.count / 4
        var wire = bytes
        wire[2] = UInt8(truncatingIfNeeded: words)
        wire[3] = UInt8(truncatingIfNeeded: words >> 8)
        return wire
    }
}

extension [UInt8] {
    mutating func append<N: FixedWidthInteger>(number: N) {
        for shift in stride(from: 0, to: N.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Up to whole words of four bytes.
    mutating func pad() {
        self += [UInt8](repeating: 0, count: (4 - count % 4) % 4)
    }
}

/// What a server sent: numbers by where they stand.
struct X11Data: Equatable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func byte(at offset: Int) throws(X11Flaw) -> UInt8 {
        guard bytes.indices.contains(offset) else { throw X11Flaw() }
        return bytes[offset]
    }

    func word(at offset: Int) throws(X11Flaw) -> Int {
        Int(try number(at: offset, UInt16.self))
    }

    func signedWord(at offset: Int) throws(X11Flaw) -> Int {
        Int(try number(at: offset, Int16.self))
    }

    func long(at offset: Int) throws(X11Flaw) -> UInt32 {
        try number(at: offset, UInt32.self)
    }

    func text(at offset: Int, count: Int) throws(X11Flaw) -> String {
        guard offset >= 0, count >= 0, offset + count <= bytes.count else { throw X11Flaw() }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    private func number<N: FixedWidthInteger>(at offset: Int, _: N.Type) throws(X11Flaw) -> N {
        guard offset >= 0, offset + N.bitWidth / 8 <= bytes.count else { throw X11Flaw() }
        return bytes.withUnsafeBytes { N(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: N.self)) }
    }
}
