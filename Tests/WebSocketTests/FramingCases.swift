@testable import WebSocket

/// Categories 1 to 5: framing, pings and pongs, reserved bits, opcodes, fragmentation.
extension CaseTable {
    mutating func addFraming() {
        let sizes = [0, 1, 125, 126, 127, 128, 65_535, 65_536]
        begin("1.1", "§5.2, §5.6")
        for size in sizes {
            let text = sampleText(size)
            accept("text of \(size) bytes", frame(0x81, text), [.message(.text(text))])
        }
        begin("1.2", "§5.2, §5.6")
        for size in sizes {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: 0xFE &+ $0 &* 7) }
            accept("binary of \(size) bytes", frame(0x82, bytes), [.message(.binary(bytes))])
        }
    }

    mutating func addControls() {
        begin("2", "§5.5.2, §5.5.3")
        let full = [UInt8](repeating: 0xFE, count: 125)
        for payload in [[], Array("Hello".utf8), [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF], full] {
            accept("ping of \(payload.count) bytes", frame(0x89, payload), [.ping(payload)])
            accept("unsolicited pong of \(payload.count) bytes", frame(0x8A, payload), [.pong(payload)])
        }
        accept("an unsolicited pong, then a ping", frame(0x8A, [1]) + frame(0x89, [2]), [.pong([1]), .ping([2])])
        let ten = (UInt8(0)..<10).map { [$0, 0xAA] }
        accept("ten pings", ten.flatMap { frame(0x89, $0) }, ten.map { .ping($0) })
        for first: UInt8 in [0x89, 0x8A] {
            let large = frame(first, [UInt8](repeating: 0x61, count: 126))
            refuse("\(first == 0x89 ? "ping" : "pong") of 126 bytes", large, at: 2)
        }
    }

    mutating func addReservedBits() {
        begin("3", "§5.2: nonzero without an extension that defines it MUST fail")
        let text = frame(0x81, Array("before".utf8))
        let start = frame(0x01, Array("frag".utf8))
        for reserved: UInt8 in 1...7 {
            let bits = reserved << 4
            for opcode: UInt8 in 0...15 {
                refuse("RSV \(reserved) with opcode \(opcode)", frame(0x80 | bits | opcode, [0x61]), at: 1)
                refuse(
                    "RSV \(reserved) with opcode \(opcode), behind a text", after: text, giving: [Self.text("before")],
                    frame(0x80 | bits | opcode), at: 1)
            }
            refuse("RSV \(reserved) on a first fragment", frame(bits | 1, [0x61]), at: 1)
            refuse("RSV \(reserved) on a middle fragment", after: start, frame(bits, [0x61]), at: 1)
            for first: UInt8 in [0x80, 0x88, 0x89, 0x8A] {
                refuse("RSV \(reserved) on \(first) within a message", after: start, frame(bits | first), at: 1)
            }
        }
        // What permessage-deflate would send (RFC 7692 §7.2.3.1 and §7.2.3.2: "Hello", whole and in two fragments).
        begin("12", "§5.2: RSV1 is permessage-deflate's, which was not negotiated")
        let deflated: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        refuse("a compressed text", frame(0xC1, deflated), at: 1)
        refuse("a compressed binary", frame(0xC2, deflated), at: 1)
        refuse(
            "a compressed text in fragments", frame(0x41, Array(deflated[..<3])) + frame(0x80, Array(deflated[3...])),
            at: 1)
    }

    mutating func addOpcodes() {
        let text = frame(0x81, Array("before".utf8))
        let start = frame(0x01, Array("frag".utf8))
        for (category, opcodes) in [("4.1", UInt8(3)...7), ("4.2", 11...15)] {
            begin(category, "§5.2: an unknown opcode MUST fail")
            for opcode in opcodes {
                refuse("opcode \(opcode)", frame(0x80 | opcode), at: 1)
                refuse("opcode \(opcode) with a payload", frame(0x80 | opcode, Array("payload".utf8)), at: 1)
                refuse("opcode \(opcode) without FIN", frame(opcode, [0x61]), at: 1)
                refuse(
                    "opcode \(opcode) behind a text", after: text, giving: [Self.text("before")], frame(0x80 | opcode),
                    at: 1)
                refuse("opcode \(opcode) within a message", after: start, frame(0x80 | opcode), at: 1)
            }
        }
    }

    mutating func addFragmentation() {
        let (one, two) = (Array("fragment1".utf8), Array("fragment2".utf8))
        let both = Self.text("fragment1fragment2")
        let ping = frame(0x89, Array("ping".utf8))
        let pinged = Event.ping(Array("ping".utf8))

        begin("5.1", "§5.5: control frames MUST NOT be fragmented")
        for (name, opcode) in [("ping", UInt8(9)), ("pong", 10), ("close", 8)] {
            refuse("a \(name) in fragments", frame(opcode, one) + frame(0x80, two), at: 1)
            refuse("a \(name) in fragments, within a message", after: frame(0x01, one), frame(opcode), at: 1)
        }

        begin("5.3", "§5.4: fragments make one message, with control frames between them")
        accept("two fragments", fragments(1, [one, two]), [both])
        accept("two binary fragments", fragments(2, [one, two]), [.message(.binary(one + two))])
        accept("a ping between", fragments(1, [one, two], between: ping), [pinged, both])
        accept(
            "a ping and a pong between", fragments(1, [one, two], between: ping + frame(0x8A)),
            [pinged, .pong([]), both])
        let five = (1...5).map { Array("fragment\($0)".utf8) }
        let joined = Event.message(.text(five.flatMap { $0 }))
        accept(
            "five fragments with pings between", fragments(1, five, between: ping),
            [pinged, pinged, pinged, pinged, joined])
        accept(
            "two messages of five fragments, with pings", fragments(1, five, between: ping) + fragments(1, five),
            [pinged, pinged, pinged, pinged, joined, joined])
        accept("empty fragments only", fragments(1, [[], [], []]), [Self.text("")])
        accept("empty fragments around one byte", fragments(2, [[], [], [0xFF], []]), [.message(.binary([0xFF]))])
        accept("a hundred empty fragments", fragments(1, [[UInt8]](repeating: [], count: 100)), [Self.text("")])

        begin("5.9", "§5.4: a continuation needs a message to continue")
        for (name, first) in [("a final continuation", UInt8(0x80)), ("a continuation", 0x00)] {
            refuse("\(name) of nothing", frame(first, one), at: headSize)
            refuse("\(name) of nothing, empty", frame(first), at: headSize)
            refuse(
                "\(name) behind a text", after: frame(0x81, one), giving: [.message(.text(one))], frame(first, two),
                at: headSize)
            refuse(
                "\(name) behind the last fragment", after: fragments(1, [one, two]), giving: [both], frame(first),
                at: headSize)
            refuse("\(name) behind a ping", after: ping, giving: [pinged], frame(first), at: headSize)
        }

        begin("5.18", "§5.4: fragments of two messages MUST NOT be interleaved")
        for (name, first) in [
            ("text", UInt8(0x81)), ("binary", 0x82), ("unfinished text", 0x01), ("unfinished binary", 0x02),
        ] {
            refuse("\(name) within a text", after: frame(0x01, one), frame(first, two), at: headSize)
            refuse("\(name) within a binary", after: frame(0x02, one), frame(first, two), at: headSize)
            refuse(
                "\(name) within a text, behind a ping", after: frame(0x01, one) + frame(0x00, two) + ping,
                giving: [pinged],
                frame(first), at: headSize)
        }
    }
}
