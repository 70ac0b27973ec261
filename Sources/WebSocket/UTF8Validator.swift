/// Tells at the first byte that cannot be right that a text is not UTF-8, piece by piece.
///
/// What is allowed is Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
package struct UTF8Validator: Sendable {
    /// What may come next, by how far a row is shifted to find what comes after it.
    private enum State: UInt64, CaseIterable {
        case complete = 0
        case one = 6
        case two = 12
        case three = 18
        /// Behind E0, ED, F0 and F4, which not every continuation byte may follow.
        case behindE0 = 24
        case behindED = 30
        case behindF0 = 36
        case behindF4 = 42
        /// For good.
        case wrong = 48

        func next(_ byte: UInt8) -> State {
            switch (self, byte) {
            case (.complete, 0x00...0x7F): .complete
            case (.complete, 0xC2...0xDF): .one
            case (.complete, 0xE0): .behindE0
            case (.complete, 0xED): .behindED
            case (.complete, 0xE1...0xEF): .two
            case (.complete, 0xF0): .behindF0
            case (.complete, 0xF1...0xF3): .three
            case (.complete, 0xF4): .behindF4
            case (.one, 0x80...0xBF): .complete
            case (.two, 0x80...0xBF), (.behindE0, 0xA0...0xBF), (.behindED, 0x80...0x9F): .one
            case (.three, 0x80...0xBF), (.behindF0, 0x90...0xBF), (.behindF4, 0x80...0x8F): .two
            default: .wrong
            }
        }
    }

    /// For each byte the next state of every state, six bits each: a shift is all that a byte has to wait for the last one's.
    private static let rows: [UInt64] = (UInt8.min...UInt8.max).map { byte in
        State.allCases.reduce(0) { $0 | $1.next(byte).rawValue << $1.rawValue }
    }

    private var state = State.complete.rawValue

    package init() {}

    /// Whether a text could end here.
    package var isComplete: Bool { state == State.complete.rawValue }

    /// False when `bytes` cannot go on what came before.
    package mutating func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return state != State.wrong.rawValue }
        let blocksEnd = bytes.count & ~63
        state = Self.rows.withUnsafeBufferPointer { rows in
            var state = state
            var offset = 0
            while true {
                if state & 63 == State.complete.rawValue {
                    while offset < blocksEnd, Self.isASCII(start + offset) { offset += 64 }
                }
                guard offset < blocksEnd else { break }
                for byte in offset..<(offset + 64) {
                    state = rows[Int(start.load(fromByteOffset: byte, as: UInt8.self))] &>> state
                }
                offset += 64
            }
            for byte in blocksEnd..<bytes.count {
                state = rows[Int(start.load(fromByteOffset: byte, as: UInt8.self))] &>> state
            }
            return state & 63
        }
        return state != State.wrong.rawValue
    }

    /// Of 64 bytes.
    private static func isASCII(_ start: UnsafeRawPointer) -> Bool {
        var seen: UInt64 = 0
        for word in 0..<8 { seen |= start.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self) }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
