import LinuxIO

/// Which end of a connection we are. Clients mask what they send, servers do not (RFC 6455 §5.1).
package enum WebSocketRole: Sendable {
    case client, server
}

/// One whole message as it came.
package enum WebSocketMessage: Equatable, Sendable {
    /// Checked UTF-8.
    case text([UInt8])
    case binary([UInt8])

    /// For protocols that do not tell the two apart.
    package var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}

/// One message to send.
package enum OutgoingMessage: Sendable {
    /// Must be UTF-8.
    case text([UInt8])
    case binary([UInt8])
    /// One text message: `head`, the base64 of `blob`, `tail`. Memory does not grow with the blob.
    case streamed(head: [UInt8], blob: MemoryFile, tail: [UInt8])
}
