/// A D-Bus signature, taken apart.
enum Signature {
    /// Deeper than anything that is asked for here; the specification lets through twice as much.
    static let maxDepth = 32

    static func alignment(of code: UInt8?) -> Int {
        switch code.map({ Character(Unicode.Scalar($0)) }) {
        case "n", "q": 2
        case "b", "i", "u", "s", "o", "a": 4
        case "x", "t", "d", "(", "{": 8
        default: 1
        }
    }

    /// The first complete type of `codes`, which is removed from it.
    static func takeType(from codes: inout ArraySlice<UInt8>, depth: Int = 0) throws(BusError) -> ArraySlice<UInt8> {
        let whole = codes
        guard depth <= maxDepth, let code = codes.popFirst() else { throw .malformed("a signature") }
        switch Character(Unicode.Scalar(code)) {
        case "y", "b", "n", "q", "i", "u", "x", "t", "d", "s", "o", "g", "v": break
        case "a":
            if codes.first == UInt8(ascii: "{") {
                codes.removeFirst()
                _ = try takeType(from: &codes, depth: depth + 2)
                _ = try takeType(from: &codes, depth: depth + 2)
                guard codes.popFirst() == UInt8(ascii: "}") else { throw .malformed("a signature") }
            } else {
                _ = try takeType(from: &codes, depth: depth + 1)
            }
        case "(":
            repeat { _ = try takeType(from: &codes, depth: depth + 1) } while codes.first != UInt8(ascii: ")")
            codes.removeFirst()
        default: throw .malformed("a signature")
        }
        return whole[..<codes.startIndex]
    }
}
