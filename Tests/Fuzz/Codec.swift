@testable import WebSocket

/// Frames as a peer sends them. The input's last two bytes say our role, the limit and where the rest is cut.
enum Codec {
    fileprivate struct Outcome: Equatable {
        var events: [FrameDecoder.Event] = []
        var violation: Violation?
    }

    @Sendable static func check(_ input: [UInt8]) throws {
        guard let how = input.last else { return }
        let role: WebSocketRole = how & 1 == 0 ? .client : .server
        let limit = how & 2 == 0 ? 1 << 20 : 300
        let wire = input.dropLast(2)
        var cuts = Cuts(input.suffix(2))

        let outcome = decode(wire, role, limit) { wire.count }
        expect(decode(wire, role, limit) { 1 } == outcome, "byte by byte it is the same")
        expect(decode(wire, role, limit) { cuts.next() } == outcome, "in pieces it is the same")
        for case .message(let message) in outcome.events {
            expect(message.bytes.count <= limit, "no message is larger than allowed")
            if case .text(let bytes) = message { expect(isUTF8(bytes), "texts are UTF-8") }
        }
        let again = encode(outcome.events, from: role == .client ? .server : .client)
        let echo = Outcome(events: outcome.events)
        expect(decode(again[...], role, limit) { again.count } == echo, "what was received can be sent")

        checkValidator(wire, &cuts)
        checkMask(wire, &cuts)
    }

    private static func decode(
        _ wire: ArraySlice<UInt8>, _ role: WebSocketRole, _ limit: Int, cut: () -> Int
    ) -> Outcome {
        var decoder = FrameDecoder(role: role, maxMessage: limit)
        var outcome = Outcome()
        wire.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                var piece = UnsafeRawBufferPointer(rebasing: rest.prefix(cut()))
                rest = rest.dropFirst(piece.count)
                do throws(Violation) {
                    while !piece.isEmpty {
                        if let event = try decoder.next(from: &piece) {
                            expect(!outcome.isClosed, "nothing comes after a close frame")
                            outcome.events.append(event)
                        } else {
                            expect(piece.isEmpty, "without an event all is taken")
                        }
                    }
                } catch {
                    outcome.violation = error
                    expect(repeats(&decoder, error), "a violation is repeated for ever")
                    return
                }
            }
        }
        return outcome
    }

    private static func repeats(_ decoder: inout FrameDecoder, _ violation: Violation) -> Bool {
        let ping: [UInt8] = [0x89, 0]
        return ping.withUnsafeBytes { bytes in
            var bytes = bytes
            do throws(Violation) { return try decoder.next(from: &bytes) != nil && false } catch {
                return error == violation
            }
        }
    }

    private static func encode(_ events: [FrameDecoder.Event], from role: WebSocketRole) -> [UInt8] {
        var encoder = FrameEncoder(role: role)
        var queue = ByteQueue()
        func append(_ opcode: Opcode, _ payload: [UInt8]) {
            payload.withUnsafeBytes { encoder.append(opcode, $0, to: &queue) }
        }
        for event in events {
            switch event {
            case .message(let message): fragment(message, with: &encoder, to: &queue)
            case .ping(let payload): append(.ping, payload)
            case .pong(let payload): append(.pong, payload)
            case .close(let frame): append(.close, frame.payload)
            }
        }
        return queue.withBytes { Array($0) }
    }

    private static func fragment(
        _ message: WebSocketMessage, with encoder: inout FrameEncoder, to queue: inout ByteQueue
    ) {
        let outgoing: OutgoingMessage =
            switch message {
            case .text(let bytes): .text(bytes)
            case .binary(let bytes): .binary(bytes)
            }
        var fragments = OutgoingFragments(outgoing)
        while !fragments.isDone {
            do { try fragments.appendNext(with: &encoder, to: &queue) } catch {
                expect(false, "only a blob can fail to be read: \(error)")
            }
        }
    }

    private static func isUTF8(_ bytes: some Sequence<UInt8>) -> Bool {
        String(validating: Array(bytes), as: UTF8.self) != nil
    }

    private static func checkValidator(_ text: ArraySlice<UInt8>, _ cuts: inout Cuts) {
        var validator = UTF8Validator()
        var isAccepted = true
        var taken = 0
        while isAccepted, taken < text.count {
            let piece = text.dropFirst(taken).prefix(cuts.next())
            isAccepted = piece.withUnsafeBytes { validator.accepts($0) }
            taken += piece.count
        }
        expect((isAccepted && validator.isComplete) == isUTF8(text), "UTF-8 is what the standard library takes for it")
    }

    private static func checkMask(_ bytes: ArraySlice<UInt8>, _ cuts: inout Cuts) {
        let key = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        var masked = Array(bytes)
        var mask = FrameMask(key: key)
        masked.withUnsafeMutableBytes { all in
            var offset = 0
            while offset < all.count {
                let end = min(all.count, offset + cuts.next())
                mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: all[offset..<end]))
                offset = end
            }
        }
        let plain = bytes.enumerated().map { offset, byte in
            byte ^ UInt8(truncatingIfNeeded: key >> (8 * UInt32(offset % 4)))
        }
        expect(masked == plain, "the mask is the one of RFC 6455 §5.3")
    }
}

extension Codec.Outcome {
    fileprivate var isClosed: Bool {
        if case .close? = events.last { true } else { false }
    }
}
