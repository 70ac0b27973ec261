/// Bytes in, messages and control frames out (RFC 6455 §5), without a socket.
///
/// Everything is checked as it comes: text is refused at its first wrong byte, a message that would be too large before any
/// of the frame that makes it so is kept. After a `Violation` it only repeats it; after a close frame it ignores all.
package struct FrameDecoder: Sendable {
    package enum Event: Equatable, Sendable {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong([UInt8])
        case close(CloseFrame)
    }

    private enum Phase: Sendable {
        case header
        /// `remaining` bytes of this frame's payload are to come.
        case payload(FrameHeader, remaining: Int)
        case closed
        case failed(Violation)
    }

    /// Bytes a whole message may have, however it is fragmented.
    package var maxMessage: Int

    private var phase = Phase.header
    private var parser: FrameHeaderParser
    private var mask = FrameMask(key: 0)
    /// The opcode of the message under way, which its continuation frames do not repeat.
    private var messageOpcode: Opcode?
    private var message: [UInt8] = []
    private var validator = UTF8Validator()
    private var control: [UInt8] = []

    /// Of the message that is coming in; 0 between two.
    var bytesUnderWay: Int { message.count }

    /// `role` is our own.
    package init(role: WebSocketRole, maxMessage: Int) {
        self.maxMessage = maxMessage
        parser = FrameHeaderParser(role: role)
    }

    /// Takes bytes off the front of `bytes` up to the end of the first whole message or control frame, or all when there is none.
    package mutating func next(from bytes: inout UnsafeRawBufferPointer) throws(Violation) -> Event? {
        do {
            return try advance(&bytes)
        } catch {
            phase = .failed(error)
            message = []
            throw error
        }
    }

    private mutating func advance(_ bytes: inout UnsafeRawBufferPointer) throws(Violation) -> Event? {
        while true {
            switch phase {
            case .header:
                guard let byte = bytes.first else { return nil }
                bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
                guard let header = try parser.take(byte) else { continue }
                try begin(header)
                phase = .payload(header, remaining: header.length)
            case .payload(let header, let remaining):
                let piece = UnsafeRawBufferPointer(rebasing: bytes.prefix(remaining))
                bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(piece.count))
                try take(piece, of: header)
                guard piece.count == remaining else {
                    phase = .payload(header, remaining: remaining - piece.count)
                    return nil
                }
                phase = .header
                if let event = try finish(header) { return event }
            case .closed:
                bytes = UnsafeRawBufferPointer(rebasing: bytes.suffix(0))
                return nil
            case .failed(let violation): throw violation
            }
        }
    }

    private mutating func begin(_ header: FrameHeader) throws(Violation) {
        mask = FrameMask(key: header.maskKey ?? 0)
        if header.opcode.isControl { return }
        if header.opcode == .continuation {
            guard messageOpcode != nil else { throw .protocolError("a continuation of nothing") }
        } else {
            guard messageOpcode == nil else { throw .protocolError("a new message inside another") }
            messageOpcode = header.opcode
        }
        guard header.length <= maxMessage - message.count else {
            throw Violation(code: .messageTooBig, reason: "a message of more than \(maxMessage) bytes")
        }
        // Exactly what is needed for a message in one frame; one in many frames grows by doubling. Pages that no byte comes
        // for are never touched.
        if message.isEmpty { message.reserveCapacity(header.length) }
    }

    private mutating func take(_ piece: UnsafeRawBufferPointer, of header: FrameHeader) throws(Violation) {
        if header.opcode.isControl {
            Self.append(piece, to: &control, through: &mask)
            return
        }
        let start = message.count
        Self.append(piece, to: &message, through: &mask)
        guard messageOpcode == .text else { return }
        let isValid = message.withUnsafeBytes { all in
            validator.accepts(UnsafeRawBufferPointer(rebasing: all[start...]))
        }
        guard isValid else { throw Violation(code: .invalidPayload, reason: "a text that is not UTF-8") }
    }

    private static func append(
        _ piece: UnsafeRawBufferPointer, to buffer: inout [UInt8], through mask: inout FrameMask
    ) {
        let start = buffer.count
        buffer.append(contentsOf: piece)
        buffer.withUnsafeMutableBytes { all in
            mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: all[start...]))
        }
    }

    private mutating func finish(_ header: FrameHeader) throws(Violation) -> Event? {
        guard header.opcode.isControl else {
            return try header.isFinal ? finishMessage() : nil
        }
        let payload = control
        control = []
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default:
            let frame = try CloseFrame(payload: payload)
            phase = .closed
            return .close(frame)
        }
    }

    private mutating func finishMessage() throws(Violation) -> Event {
        guard validator.isComplete else {
            throw Violation(code: .invalidPayload, reason: "a text that ends inside a character")
        }
        // The buffer goes with the message, so a large one leaves nothing behind.
        let bytes = message
        message = []
        defer { messageOpcode = nil }
        return .message(messageOpcode == .text ? .text(bytes) : .binary(bytes))
    }
}
