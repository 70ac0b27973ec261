import LinuxIO
import NodeCore
import Testing

@testable import WebSocket

@Suite struct FrameEncoderTests {
    static let lengths = [0, 1, 3, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_001]

    @Test("what one role encodes, the other decodes", arguments: FrameDecoderTests.roles)
    func roundTrip(_ role: WebSocketRole) {
        var encoder = FrameEncoder(role: role)
        var queue = ByteQueue()
        var expected: [FrameDecoder.Event] = []
        for length in Self.lengths {
            let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            payload.withUnsafeBytes { encoder.append(.binary, $0, to: &queue) }
            expected.append(.message(.binary(payload)))
        }
        var decoder = FrameDecoder(role: role == .client ? .server : .client, maxMessage: 1 << 20)
        #expect(decode(queue.withBytes { Array($0) }, with: &decoder).events == expected)
    }

    @Test("a server's frames are plain and in the shortest form")
    func plain() {
        var encoder = FrameEncoder(role: .server)
        for length in Self.lengths {
            var queue = ByteQueue()
            let payload = [UInt8](repeating: 0x61, count: length)
            payload.withUnsafeBytes { encoder.append(.text, $0, to: &queue) }
            #expect(queue.withBytes { $0.elementsEqual(frame(0x81, payload, to: .client)) })
        }
    }

    @Test("a client masks every frame with a key of its own")
    func keys() {
        var encoder = FrameEncoder(role: .client)
        var keys: Set<[UInt8]> = []
        for _ in 0..<200 {
            var queue = ByteQueue()
            [UInt8]().withUnsafeBytes { encoder.append(.text, $0, to: &queue) }
            keys.insert(queue.withBytes { Array($0[2..<6]) })
        }
        // Two of 200 are the same once in 200,000 runs; a key used twice on purpose shows every time.
        #expect(keys.count >= 199)
    }

    @Test("masking in pieces of any length is masking at once")
    func pieces() {
        let plain = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let key: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]
        let expected = plain.enumerated().map { $1 ^ key[$0 % 4] }
        for size in 1...40 {
            var mask = FrameMask(key: UInt32(littleEndian: 0xEFBE_ADDE))
            var masked = plain
            masked.withUnsafeMutableBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: size) {
                    let piece = bytes[start..<min(start + size, bytes.count)]
                    mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: piece))
                }
            }
            #expect(masked == expected, "pieces of \(size)")
        }
    }
}

@Suite struct OutgoingFragmentsTests {
    @Test(
        "a streamed message is one text: head, base64 of the blob, tail",
        arguments: [0, 1, 2, 3, 49_151, 49_152, 49_153, 98_304, 500_000])
    func streamed(_ size: Int) throws {
        let blob = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try MemoryFile(name: "blob")
        try file.append(blob)
        for (head, tail) in [("{\"a\":\"", "\"}"), ("", ""), ("x", ""), ("", "y")] {
            let message = OutgoingMessage.streamed(head: Array(head.utf8), blob: file, tail: Array(tail.utf8))
            let (events, largest) = try send(message)
            let expected = Array(head.utf8) + Base64.encode(blob) + Array(tail.utf8)
            #expect(events == [.message(.text(expected))])
            #expect(largest <= OutgoingFragments.size + 14)
        }
    }

    @Test("a large text is cut where control frames can go between", arguments: [0, 1, 65_536, 65_537, 200_000])
    func text(_ size: Int) throws {
        let text = sampleText(size)
        let (events, largest) = try send(.text(text))
        #expect(events == [.message(.text(text))])
        #expect(largest <= OutgoingFragments.size + 14)
        #expect(OutgoingFragments(.text(text)).isSmall == (size <= 65_536))
    }

    @Test("frames can be smaller, and make the same message", arguments: [1, 4, 5, 4_096, 16_384])
    func smaller(_ limit: Int) throws {
        let blob = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try MemoryFile(name: "blob")
        try file.append(blob)
        let expected = Array("head".utf8) + Base64.encode(blob) + Array("tail".utf8)
        for message in [
            .text(expected), OutgoingMessage.streamed(head: Array("head".utf8), blob: file, tail: Array("tail".utf8)),
        ] {
            let (events, largest) = try send(message, limit)
            #expect(events == [.message(.text(expected))])
            #expect(largest <= max(limit, 4) + 14)
        }
    }

    /// What a server makes of it, and the size of the largest frame.
    private func send(
        _ message: OutgoingMessage, _ limit: Int = OutgoingFragments.size
    ) throws -> (events: [FrameDecoder.Event], largest: Int) {
        var fragments = OutgoingFragments(message)
        var encoder = FrameEncoder(role: .client)
        var decoder = FrameDecoder(role: .server, maxMessage: 1 << 20)
        var events: [FrameDecoder.Event] = []
        var largest = 0
        repeat {
            var queue = ByteQueue()
            try fragments.appendNext(limit, with: &encoder, to: &queue)
            largest = max(largest, queue.count)
            events += decode(queue.withBytes { Array($0) }, with: &decoder).events
        } while !fragments.isDone
        return (events, largest)
    }
}

@Suite struct ByteQueueTests {
    @Test("bytes come out as they went in, however they are taken")
    func order() {
        var queue = ByteQueue()
        var (sent, received): ([UInt8], [UInt8]) = ([], [])
        for round in 0..<200 {
            let piece = (0..<(round * 37 % 501)).map { UInt8(truncatingIfNeeded: $0 + round) }
            piece.withUnsafeBytes { queue.append($0) }
            sent += piece
            let taken = queue.count * (round % 3) / 2
            received += queue.withBytes { Array($0.prefix(taken)) }
            queue.removeFirst(taken)
        }
        received += queue.withBytes { Array($0) }
        #expect(received == sent)
    }
}
