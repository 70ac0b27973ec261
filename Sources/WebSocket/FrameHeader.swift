/// What a frame is (RFC 6455 §5.2).
enum Opcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// What stands before a frame's payload.
struct FrameHeader: Equatable, Sendable {
    var opcode: Opcode
    var isFinal: Bool
    var length: Int
    /// As it lies in memory; nil: not masked.
    var maskKey: UInt32?

    /// Of the shortest form.
    var size: Int {
        (length <= 125 ? 2 : length <= 0xFFFF ? 4 : 10) + (maskKey == nil ? 0 : 4)
    }

    /// Writes the shortest form to the start of `output`.
    func write(to output: UnsafeMutableRawBufferPointer) {
        let maskBit: UInt8 = maskKey == nil ? 0 : 0x80
        output[0] = opcode.rawValue | (isFinal ? 0x80 : 0)
        switch length {
        case ...125:
            output[1] = maskBit | UInt8(length)
        case ...0xFFFF:
            output[1] = maskBit | 126
            output.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
        default:
            output[1] = maskBit | 127
            output.storeBytes(of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
        if let maskKey { output.storeBytes(of: maskKey, toByteOffset: size - 4, as: UInt32.self) }
    }
}

/// Collects a header byte by byte and refuses it at the first byte that cannot be right.
struct FrameHeaderParser: Sendable {
    /// Our own: a server's frames come masked, a client's do not.
    let role: WebSocketRole
    private var count = 0
    private var first: UInt8 = 0
    private var lengthSize = 0
    private var length: UInt64 = 0
    private var maskKey: UInt32 = 0

    init(role: WebSocketRole) {
        self.role = role
    }

    /// The header, once `byte` was its last.
    mutating func take(_ byte: UInt8) throws(Violation) -> FrameHeader? {
        let position = count
        count += 1
        switch position {
        case 0: try begin(with: byte)
        case 1: try takeShortLength(byte)
        case 2..<(2 + lengthSize):
            length = length << 8 | UInt64(byte)
            if count == 2 + lengthSize { try checkLength() }
        default: maskKey |= UInt32(byte) << (8 * UInt32(position - 2 - lengthSize))
        }
        let size = 2 + lengthSize + (role == .server ? 4 : 0)
        guard count >= 2, count == size, let opcode = Opcode(rawValue: first & 15) else { return nil }
        let header = FrameHeader(
            opcode: opcode, isFinal: first & 0x80 != 0, length: Int(length), maskKey: role == .server ? maskKey : nil)
        self = FrameHeaderParser(role: role)
        return header
    }

    private mutating func begin(with byte: UInt8) throws(Violation) {
        guard byte & 0x70 == 0 else { throw .protocolError("reserved bits set") }
        guard let opcode = Opcode(rawValue: byte & 15) else { throw .protocolError("unknown opcode \(byte & 15)") }
        guard !opcode.isControl || byte & 0x80 != 0 else { throw .protocolError("a fragmented control frame") }
        first = byte
    }

    private mutating func takeShortLength(_ byte: UInt8) throws(Violation) {
        let isMasked = byte & 0x80 != 0
        guard isMasked == (role == .server) else {
            throw .protocolError(isMasked ? "a masked frame from a server" : "an unmasked frame from a client")
        }
        let short = byte & 0x7F
        // Bit 3 is set in the opcodes of control frames, and in no others.
        guard short <= 125 || first & 8 == 0 else { throw .protocolError("a control frame of more than 125 bytes") }
        switch short {
        case 126: lengthSize = 2
        case 127: lengthSize = 8
        default: length = UInt64(short)
        }
    }

    private func checkLength() throws(Violation) {
        guard length <= UInt64(Int64.max) else { throw .protocolError("a length with its highest bit set") }
        guard length > (lengthSize == 2 ? 125 : 0xFFFF) else {
            throw .protocolError("a length in a longer form than needed")
        }
    }
}
