import Glibc
import Testing

@testable import WebSocket

/// A frame as bytes, masked as one to `receiver` has to be; every part can be made wrong.
func frame(
    _ first: UInt8, _ payload: [UInt8] = [], to receiver: WebSocketRole, lengthBytes: [UInt8]? = nil,
    masked: Bool? = nil
) -> [UInt8] {
    let isMasked = masked ?? (receiver == .server)
    let key: [UInt8] = [0x11, 0xA2, 0x03, 0x94]
    var length = lengthBytes ?? shortestLength(payload.count)
    if isMasked { length[0] |= 0x80 }
    guard isMasked else { return [first] + length + payload }
    return [first] + length + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
}

func shortestLength(_ count: Int) -> [UInt8] {
    switch count {
    case ...125: [UInt8(count)]
    case ...0xFFFF: [126, UInt8(count >> 8), UInt8(count & 255)]
    default: [127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    }
}

/// What `decoder` makes of `bytes`, and what it refused them for.
func decode(
    _ bytes: [UInt8], with decoder: inout FrameDecoder
) -> (events: [FrameDecoder.Event], violation: Violation?) {
    var events: [FrameDecoder.Event] = []
    let violation = bytes.withUnsafeBytes { buffer -> Violation? in
        var rest = buffer
        do throws(Violation) {
            while let event = try decoder.next(from: &rest) { events.append(event) }
        } catch { return error }
        #expect(rest.isEmpty)
        return nil
    }
    return (events, violation)
}

/// Beside `WireCaseTests`, which has all that is refused.
@Suite struct FrameDecoderTests {
    static let roles = [WebSocketRole.client, .server]

    static func valid(to role: WebSocketRole) -> [(name: String, bytes: [UInt8], events: [FrameDecoder.Event])] {
        let text = { (text: String) in FrameDecoder.Event.message(.text(Array(text.utf8))) }
        let euro = Array("€".utf8)
        return [
            ("empty text", frame(0x81, to: role), [text("")]),
            ("empty binary", frame(0x82, to: role), [.message(.binary([]))]),
            ("text", frame(0x81, Array("Hello".utf8), to: role), [text("Hello")]),
            (
                "binary that is no text", frame(0x82, [0xFF, 0x00, 0xC0], to: role),
                [.message(.binary([0xFF, 0x00, 0xC0]))]
            ),
            (
                "16-bit length", frame(0x82, [UInt8](repeating: 7, count: 126), to: role),
                [.message(.binary([UInt8](repeating: 7, count: 126)))]
            ),
            (
                "two fragments", frame(0x01, Array("Hel".utf8), to: role) + frame(0x80, Array("lo".utf8), to: role),
                [text("Hello")]
            ),
            (
                "a character over two fragments",
                frame(0x01, Array(euro[..<1]), to: role) + frame(0x80, Array(euro[1...]), to: role), [text("€")]
            ),
            (
                "empty fragments",
                frame(0x01, to: role) + frame(0x00, to: role) + frame(0x00, [0x61], to: role) + frame(0x80, to: role),
                [text("a")]
            ),
            (
                "control frames between fragments",
                frame(0x01, [0x61], to: role) + frame(0x89, [1, 2], to: role) + frame(0x00, [0x62], to: role)
                    + frame(0x8A, to: role) + frame(0x80, [0x63], to: role),
                [.ping([1, 2]), .pong([]), text("abc")]
            ),
            (
                "a ping of 125 bytes", frame(0x89, [UInt8](repeating: 9, count: 125), to: role),
                [.ping([UInt8](repeating: 9, count: 125))]
            ),
            ("close without a code", frame(0x88, to: role), [.close(CloseFrame(code: .noStatus, reason: ""))]),
            (
                "close with a reason", frame(0x88, [0x03, 0xE8] + Array("bye €".utf8), to: role),
                [.close(CloseFrame(code: .normal, reason: "bye €"))]
            ),
            (
                "what follows a close is ignored", frame(0x88, [0x0F, 0xA0], to: role) + [0xFF, 0xFF, 0xFF],
                [.close(CloseFrame(code: .tickTimeout, reason: ""))]
            ),
            (
                "several messages",
                frame(0x81, [0x61], to: role) + frame(0x82, [0x62], to: role) + frame(0x81, to: role),
                [text("a"), .message(.binary([0x62])), text("")]
            ),
        ]
    }

    @Test("what is allowed is understood, wherever it is split", arguments: roles)
    func valid(_ role: WebSocketRole) {
        for (name, bytes, expected) in Self.valid(to: role) {
            for split in 0...bytes.count {
                var decoder = FrameDecoder(role: role, maxMessage: 1 << 20)
                let first = decode(Array(bytes[..<split]), with: &decoder)
                let second = decode(Array(bytes[split...]), with: &decoder)
                #expect(first.events + second.events == expected, "\(name), split at \(split)")
                #expect((first.violation ?? second.violation) == nil, "\(name), split at \(split)")
            }
            var decoder = FrameDecoder(role: role, maxMessage: 1 << 20)
            let events = bytes.flatMap { decode([$0], with: &decoder).events }
            #expect(events == expected, "\(name), byte by byte")
        }
    }

    @Test("large messages in one frame and in many are put together", arguments: roles)
    func large(_ role: WebSocketRole) {
        let content = sampleText(200_000)
        var decoder = FrameDecoder(role: role, maxMessage: content.count)
        #expect(decode(frame(0x81, content, to: role), with: &decoder).events == [.message(.text(content))])

        var fragments: [UInt8] = []
        for start in stride(from: 0, to: content.count, by: 999) {
            let piece = Array(content[start..<min(start + 999, content.count)])
            let isLast = start + 999 >= content.count
            fragments += frame((start == 0 ? 1 : 0) | (isLast ? 0x80 : 0), piece, to: role)
        }
        #expect(decode(fragments, with: &decoder).events == [.message(.text(content))])
    }

    @Test("a message of exactly the limit passes, and control frames do not count")
    func limit() {
        var decoder = FrameDecoder(role: .client, maxMessage: 10)
        let bytes =
            frame(0x02, [1, 2, 3, 4, 5], to: .client) + frame(0x89, [UInt8](repeating: 1, count: 100), to: .client)
            + frame(0x80, [6, 7, 8, 9, 10], to: .client)
        #expect(decode(bytes, with: &decoder).events.last == .message(.binary([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])))
        decoder.maxMessage = 9
        #expect(decode(frame(0x82, [UInt8](1...9), to: .client), with: &decoder).violation == nil)
        #expect(
            decode(frame(0x82, [UInt8](1...10), to: .client), with: &decoder).violation
                == Violation(code: .messageTooBig, reason: "a message of more than 9 bytes"))
    }

    @Test("a large message costs its own size, not the square of its fragments")
    func manyFragments() {
        // Of this thread alone: what else the machine does must not count.
        func threadTime() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        func fastest(_ fragments: Int) -> Duration {
            var bytes = frame(0x02, [0], to: .server)
            for _ in 0..<fragments { bytes += frame(0x00, [1], to: .server) }
            bytes += frame(0x80, to: .server)
            let expected = [0] + [UInt8](repeating: 1, count: fragments)
            return (0..<3).map { _ in
                var decoder = FrameDecoder(role: .server, maxMessage: 1 << 20)
                let began = threadTime()
                #expect(decode(bytes, with: &decoder).events == [.message(.binary(expected))])
                return threadTime() - began
            }.min() ?? .zero
        }
        // Sixteen times as many take sixteen times as long, or two hundred and fifty-six times.
        #expect(fastest(32_000) < fastest(2_000) * 64)
    }
}
