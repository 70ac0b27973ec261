import NodeCrypto

/// Writes frames (RFC 6455 §5) into a queue, masked in place when we are the client.
struct FrameEncoder {
    private let role: WebSocketRole
    private var keys = MaskKeys()

    /// `role` is our own.
    init(role: WebSocketRole) {
        self.role = role
    }

    /// Appends a frame whose `count` bytes of payload `fill` writes where they will be sent from. What `fill` throws is
    /// thrown, and nothing was appended then.
    mutating func append<E: Error>(
        _ opcode: Opcode, isFinal: Bool, count: Int, to queue: inout ByteQueue,
        fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        let key = role == .client ? keys.next() : nil
        let header = FrameHeader(opcode: opcode, isFinal: isFinal, length: count, maskKey: key)
        try queue.append(header.size + count) { (room: UnsafeMutableRawBufferPointer) throws(E) in
            header.write(to: room)
            let payload = UnsafeMutableRawBufferPointer(rebasing: room[header.size...])
            try fill(payload)
            var mask = FrameMask(key: key ?? 0)
            mask.apply(to: payload)
        }
    }

    mutating func append(
        _ opcode: Opcode, isFinal: Bool = true, _ payload: UnsafeRawBufferPointer, to queue: inout ByteQueue
    ) {
        append(opcode, isFinal: isFinal, count: payload.count, to: &queue) { $0.copyMemory(from: payload) }
    }
}

/// A new unpredictable key for each frame (RFC 6455 §5.3), fetched from the kernel by the dozen.
private struct MaskKeys {
    private var pool: [UInt8] = []

    mutating func next() -> UInt32 {
        if pool.isEmpty { pool = SecureRandom.bytes(256) }
        var key: UInt32 = 0
        for byte in pool.suffix(4) { key = key << 8 | UInt32(byte) }
        pool.removeLast(4)
        return key
    }
}
