@testable import WebSocket

/// Categories 9 and 10, limits and large messages, and what Autobahn leaves out: masking and the forms of a length.
extension CaseTable {
    mutating func addMasking() {
        begin("masking", "§5.1: a client MUST mask, a server MUST NOT, and the receiver MUST close")
        let role = role
        func wrong(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
            WebSocketTests.frame(first, payload, to: role, masked: role == .client)
        }
        for first: UInt8 in [0x81, 0x82, 0x01, 0x02, 0x88, 0x89, 0x8A] {
            for payload in [[], [0x03, 0xE8], sampleText(125)] {
                refuse("wrongly masked \(first) of \(payload.count) bytes", wrong(first, payload), at: 2)
            }
        }
        for size in [126, 65_536] {
            refuse("a wrongly masked text of \(size) bytes", wrong(0x81, sampleText(size)), at: 2)
        }
        let good = frame(0x81, [0x61])
        refuse("wrongly masked behind a good one", after: good, giving: [Self.text("a")], wrong(0x81, [0x62]), at: 2)
        let start = frame(0x01, [0x61])
        refuse("wrongly masked continuation", after: start, wrong(0x80, [0x62]), at: 2)
        refuse("wrongly masked ping within a message", after: start, wrong(0x89, []), at: 2)

        guard role == .server else { return }
        begin("masking", "§5.3: any key, each frame its own, counted from the frame's first byte")
        for key: [UInt8] in [[0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 1], [0x80, 0, 0, 0], [1, 2, 3, 4]] {
            for size in [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 125] {
                let text = sampleText(size)
                let masked = text.enumerated().map { $1 ^ key[$0 % 4] }
                accept(
                    "\(size) bytes with the key \(key)", [0x81, 0x80 | UInt8(size)] + key + masked,
                    [.message(.text(text))])
            }
        }
        // "a" with one key, "bc" with another.
        let fragments: [UInt8] = [0x01, 0x81, 1, 2, 3, 4, 0x60, 0x80, 0x82, 5, 6, 7, 8, 0x67, 0x65]
        accept("a key for each fragment", fragments, [Self.text("abc")])
    }

    mutating func addLengths() {
        begin("lengths", "§5.2: the shortest form MUST be used")
        let start = frame(0x02, [1])
        for first: UInt8 in [0x81, 0x82, 0x01, 0x80, 0x00] {
            let before = first & 15 == 0 ? start : []
            for length in [0, 1, 125] {
                let bytes = frame(first, [], lengthBytes: [126, 0, UInt8(length)])
                refuse("\(length) in 16 bits, \(first)", after: before, bytes, at: 4)
            }
            for length in [0, 125, 126, 0xFFFF] {
                let bytes = [127, 0, 0, 0, 0, 0, 0, UInt8(length >> 8), UInt8(length & 255)]
                refuse("\(length) in 64 bits, \(first)", after: before, frame(first, [], lengthBytes: bytes), at: 10)
            }
        }
        begin("lengths", "§5.2: the most significant bit MUST be 0")
        for tail: [UInt8] in [[0, 0, 0, 0, 0, 0, 1], [255, 255, 255, 255, 255, 255, 255], [0, 0, 0, 0, 1, 0, 0]] {
            for top: UInt8 in [0x80, 0xFF] {
                for (before, first) in [([], UInt8(0x81)), ([], 0x82), (start, 0x80)] {
                    let bytes = frame(first, [], lengthBytes: [127, top] + tail)
                    refuse("\(top) \(tail), \(first)", after: before, bytes, at: 10)
                }
            }
        }
        begin("lengths", "§5.5: a control frame has at most 125 bytes")
        for first: UInt8 in [0x88, 0x89, 0x8A] {
            for lengthBytes: [UInt8] in [
                [126, 0, 1], [126, 0, 126], [126, 255, 255], [127, 0, 0, 0, 0, 0, 0, 0, 1],
                [127, 0, 0, 0, 0, 0, 1, 0, 0],
            ] {
                let bytes = frame(first, [0x61], lengthBytes: lengthBytes)
                refuse("\(first) with \(lengthBytes)", bytes, at: 2)
                refuse("\(first) with \(lengthBytes), within a message", after: start, bytes, at: 2)
            }
        }
    }

    mutating func addLimits() {
        addLarge()
        begin("9 limits", "§10.4: limits on frames and whole messages; §7.4.1: 1009")
        limit = 1_000
        let (full, over) = (sampleText(1_000), sampleText(1_001))
        let wideHead = headSize + 2
        accept("as much as allowed", frame(0x81, full), [.message(.text(full))])
        refuse("a byte too many", frame(0x81, over), at: wideHead, .messageTooBig, but: .noLimit)
        refuse("a binary byte too many", frame(0x82, over), at: wideHead, .messageTooBig, but: .noLimit)
        accept("as much in two fragments", fragments(2, cut(full, into: 600)), [.message(.binary(full))])
        accept("as much in 1,000 fragments", fragments(2, cut(full, into: 1)), [.message(.binary(full))])
        accept(
            "as much in fragments, and pings that do not count",
            fragments(2, cut(full, into: 300), between: frame(0x89, [UInt8](repeating: 5, count: 125))),
            [Event](repeating: .ping([UInt8](repeating: 5, count: 125)), count: 3) + [.message(.binary(full))])
        accept(
            "as much, three times", frame(0x81, full) + frame(0x82, full) + fragments(1, [full, []]),
            [.message(.text(full)), .message(.binary(full)), .message(.text(full))])
        let six = frame(0x02, [UInt8](repeating: 6, count: 600))
        for first: UInt8 in [0x80, 0x00] {
            refuse(
                "a byte too many in the second fragment, \(first)", after: six,
                frame(first, [UInt8](repeating: 4, count: 401)), at: wideHead, .messageTooBig, but: .noLimit)
        }
        let unfinished = frame(0x02, [1]) + (1..<1_000).flatMap { _ in frame(0x00, [1]) }
        refuse(
            "a byte too many in the 1,001st fragment", after: unfinished, frame(0x80, [1]), at: headSize,
            .messageTooBig,
            but: .noLimit)
        for lengthBytes: [UInt8] in [
            [127, 0x7F, 255, 255, 255, 255, 255, 255, 255], [127, 0, 0, 0, 1, 0, 0, 0, 0],
            [127, 0, 0, 0, 0, 0, 1, 0, 0],
        ] {
            for (before, first) in [([], UInt8(0x81)), ([], 0x02), (six, 0x80)] {
                let head = frame(first, [], lengthBytes: lengthBytes)
                refuse("\(lengthBytes), \(first)", after: before, head, at: head.count, .messageTooBig, but: .noLimit)
            }
        }
        limit = 0
        accept("nothing where nothing is allowed", frame(0x81) + frame(0x82), [Self.text(""), .message(.binary([]))])
        accept("a ping where nothing is allowed", frame(0x89, [1, 2]), [.ping([1, 2])])
        accept("a close where nothing is allowed", frame(0x88), [.close(CloseFrame(code: .noStatus, reason: ""))])
        refuse("a byte where nothing is allowed", frame(0x81, [0x61]), at: headSize, .messageTooBig, but: .noLimit)
    }

    private mutating func addLarge() {
        begin("9.1", "§5.2")
        for size in [64 << 10, 256 << 10, 1 << 20] {
            let text = sampleText(size)
            accept("text of \(size >> 10) KiB", frame(0x81, text), [.message(.text(text))])
        }
        begin("9.3", "§5.4")
        let text = sampleText(128 << 10)
        for size in [64, 256, 1_024, 4_096, 65_536] {
            accept("128 KiB in fragments of \(size)", fragments(1, cut(text, into: size)), [.message(.text(text))])
        }
        begin("9.7", "§5.2")
        for size in [0, 16, 64, 256] {
            let text = sampleText(size)
            let many = [[UInt8]](repeating: frame(0x81, text), count: 1_000).flatMap { $0 }
            accept("1,000 texts of \(size) bytes", many, [Event](repeating: .message(.text(text)), count: 1_000))
        }
        begin("10.1", "§5.4")
        let medium = sampleText(65_536)
        accept("64 KiB in fragments of 1,300", fragments(1, cut(medium, into: 1_300)), [.message(.text(medium))])
    }
}
