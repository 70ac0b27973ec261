/// What is not as the Wayland protocol has it: shorter than it says.
struct WaylandFlaw: Error, Equatable {}

/// One request of the Wayland protocol (wayland.freedesktop.org, "Wire Format"): words of four bytes, in this machine's order.
struct WaylandRequest: Equatable, Sendable {
    let words: [UInt32]

    /// `arguments`: numbers and names of objects; for texts see `words`. What goes as a descriptor is none of them.
    init(_ object: UInt32, _ opcode: UInt32, _ arguments: [UInt32] = []) {
        words = [object, UInt32(8 + 4 * arguments.count) << 16 | opcode] + arguments
    }

    /// A text as arguments have it: its length with the zero that ends it, then both, up to whole words.
    static func words(_ text: String) -> [UInt32] {
        let bytes = Array(text.utf8) + [0]
        return [UInt32(bytes.count)]
            + stride(from: 0, to: bytes.count, by: 4).map { start in
                let word = bytes[start..<min(start + 4, bytes.count)]
                return (Array(word) + [UInt8](repeating: 0, count: 4 - word.count)).withUnsafeBytes {
                    $0.loadUnaligned(as: UInt32.self)
                }
            }
    }

    var wire: [UInt8] { words.withUnsafeBytes { Array($0) } }
}

/// What a compositor tells of one object.
struct WaylandEvent: Equatable, Sendable {
    static let headerLength = 8

    let object: UInt32
    let opcode: UInt32
    private let arguments: [UInt32]

    /// How long the whole is that begins with these bytes.
    static func length(_ header: [UInt8]) throws(WaylandFlaw) -> Int {
        guard header.count >= headerLength else { throw WaylandFlaw() }
        let length = Int(header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) } >> 16)
        guard length >= headerLength, length % 4 == 0 else { throw WaylandFlaw() }
        return length
    }

    /// A whole one.
    init(_ bytes: [UInt8]) throws(WaylandFlaw) {
        guard bytes.count == (try Self.length(bytes)) else { throw WaylandFlaw() }
        let words = bytes.withUnsafeBytes { raw in
            (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        }
        object = words[0]
        opcode = words[1] & 0xFFFF
        arguments = Array(words[2...])
    }

    /// Its argument of that number, where all before it are numbers.
    func number(_ index: Int) throws(WaylandFlaw) -> UInt32 {
        guard arguments.indices.contains(index) else { throw WaylandFlaw() }
        return arguments[index]
    }

    func signed(_ index: Int) throws(WaylandFlaw) -> Int {
        Int(Int32(bitPattern: try number(index)))
    }

    /// A text of which the length is that argument, and how many words it takes.
    func text(_ index: Int) throws(WaylandFlaw) -> (text: String, words: Int) {
        let count = Int(try number(index))
        let words = (count + 3) / 4
        guard index + words < arguments.count else { throw WaylandFlaw() }
        let bytes = arguments[(index + 1)...].prefix(words).withUnsafeBytes { Array($0.prefix(count)) }
        // None at all has no zero either.
        guard let last = bytes.last else { return ("", 1) }
        guard last == 0 else { throw WaylandFlaw() }
        return (String(decoding: bytes.dropLast(), as: UTF8.self), 1 + words)
    }
}
