import Glibc
import LinuxIO
import NodeCore

/// One message cut into frames of at most 64 KiB: what lies between two of them is where control frames go, and all of it
/// that is in memory at a time.
struct OutgoingFragments {
    private enum Part {
        case bytes(ArraySlice<UInt8>)
        case base64(MemoryFile, range: Range<Int>)
    }

    /// Of the largest frame's payload.
    static let size = 64 << 10

    private let opcode: Opcode
    /// Last first; none of them empty, except for the only one of an empty message.
    private var parts: [Part]
    /// Whether the peer has part of the message, or will have.
    private(set) var hasBegun = false

    /// Whether it fits one frame: such messages do not wait for larger ones.
    let isSmall: Bool

    init(_ message: OutgoingMessage) {
        switch message {
        case .text(let bytes), .binary(let bytes):
            if case .text = message { opcode = .text } else { opcode = .binary }
            parts = [.bytes(bytes[...])]
            isSmall = bytes.count <= Self.size
        case .streamed(let head, let blob, let tail):
            opcode = .text
            let size = blob.size
            parts = tail.isEmpty ? [] : [.bytes(tail[...])]
            if size > 0 { parts.append(.base64(blob, range: 0..<size)) }
            if !head.isEmpty || parts.isEmpty { parts.append(.bytes(head[...])) }
            isSmall = head.count + Base64.encodedCount(size) + tail.count <= Self.size
        }
    }

    var isDone: Bool { parts.isEmpty }

    /// Appends the next frame, of at most `limit` bytes of payload, and of at least four. Throws `.lost` when the blob cannot be
    /// read, or is shorter than it was.
    mutating func appendNext(
        _ limit: Int = size, with encoder: inout FrameEncoder, to queue: inout ByteQueue
    ) throws(WebSocketError) {
        guard let part = parts.popLast() else { return }
        let opcode = hasBegun ? .continuation : opcode
        switch part {
        case .bytes(let bytes):
            let piece = bytes.prefix(limit)
            let rest = bytes.dropFirst(piece.count)
            if !rest.isEmpty { parts.append(.bytes(rest)) }
            piece.withUnsafeBytes { encoder.append(opcode, isFinal: parts.isEmpty, $0, to: &queue) }
        case .base64(let file, let range):
            // Three bytes become four of base64.
            let piece = range.prefix(max(1, limit / 4) * 3)
            if piece.upperBound < range.upperBound {
                parts.append(.base64(file, range: piece.upperBound..<range.upperBound))
            }
            let count = Base64.encodedCount(piece.count)
            try encoder.append(opcode, isFinal: parts.isEmpty, count: count, to: &queue) {
                (payload: UnsafeMutableRawBufferPointer) throws(WebSocketError) in
                try Self.encode(file, piece, into: payload)
            }
        }
        hasBegun = true
    }

    private static func encode(
        _ file: MemoryFile, _ range: Range<Int>, into payload: UnsafeMutableRawBufferPointer
    ) throws(WebSocketError) {
        let result: Result<Void, Errno> = withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 8) { raw in
            do throws(Errno) {
                var count = 0
                while count < raw.count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: raw[count...])
                    let got = try file.read(into: rest, at: range.lowerBound + count)
                    guard got > 0 else { throw Errno(EIO) }
                    count += got
                }
                _ = Base64.encode(UnsafeRawBufferPointer(raw), into: payload)
                return .success(())
            } catch { return .failure(error) }
        }
        if case .failure(let error) = result { throw .lost(error) }
    }
}
