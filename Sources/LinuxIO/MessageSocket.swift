import CLinux
import Glibc

/// One message between two processes: bytes, and up to two descriptors that come with them.
package struct Packet: ~Copyable, Sendable {
    package let bytes: [UInt8]
    private var first: FileDescriptor?
    private var second: FileDescriptor?

    init(bytes: [UInt8], first: consuming FileDescriptor?, second: consuming FileDescriptor?) {
        self.bytes = bytes
        self.first = first
        self.second = second
    }

    /// The next descriptor in the order of sending; what is not taken is closed with the packet.
    package mutating func takeDescriptor() -> FileDescriptor? {
        if let taken = first.take() { return taken }
        return second.take()
    }
}

/// A non-blocking `SOCK_SEQPACKET` socket (unix(7)): messages keep their borders and may carry descriptors.
package final class MessageSocket: Sendable {
    /// The longest message that is sent or taken: default kernel buffers hold several of these.
    package static let maxMessage = 32 * 1024

    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private let sending = Turn()

    package init(adopting descriptor: consuming FileDescriptor, on loop: EventLoop) throws(Errno) {
        let raw = descriptor.raw
        try call { cn_set_nonblocking(raw) }
        readiness = try Readiness(raw, on: loop)
        self.descriptor = descriptor
    }

    deinit { readiness.cancel() }

    /// Whether an inherited descriptor is such a socket.
    package static func isOne(_ descriptor: CInt) -> Bool {
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == CInt(SOCK_SEQPACKET.rawValue)
    }

    /// Two connected ends: one to keep, one to hand to a child.
    package static func pair(on loop: EventLoop) throws(Errno) -> Pair {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_SEQPACKET.rawValue) | O_CLOEXEC
        try call { socketpair(AF_UNIX, type, 0, &ends) }
        let theirs = FileDescriptor(adopting: ends[1])
        return Pair(ours: try MessageSocket(adopting: FileDescriptor(adopting: ends[0]), on: loop), theirs: theirs)
    }

    /// Connected to whoever listens at `path`, or at an abstract name (see `withUnixAddress`). Throws `EAGAIN` when too many
    /// wait there already.
    package static func connect(to path: String, on loop: EventLoop) throws(Errno) -> MessageSocket {
        let type = CInt(SOCK_SEQPACKET.rawValue | SOCK_NONBLOCK.rawValue) | O_CLOEXEC
        let raw = try call { socket(AF_UNIX, type, 0) }
        let descriptor = FileDescriptor(adopting: raw)
        // A local connection is made at once, or not at all.
        try withUnixAddress(path) { address, length throws(Errno) in
            try call { Glibc.connect(raw, address, length) }
        }
        return try MessageSocket(adopting: descriptor, on: loop)
    }

    package struct Pair: ~Copyable {
        package let ours: MessageSocket
        package let theirs: FileDescriptor
    }

    /// Sends one message; waits while the peer does not read, and behind those who sent before. Throws `Errno` (`EPIPE` or
    /// `ECONNRESET` when the peer is gone, see `Errno.isPeerGone`) or `CancellationError`.
    package func send(_ bytes: [UInt8], descriptors: [CInt] = []) async throws {
        precondition(
            descriptors.count <= 2 && bytes.count <= Self.maxMessage, "a message is small, with two descriptors")
        try await sending.take()
        defer { sending.leave() }
        while try !isSent(bytes, descriptors) { _ = try await readiness.wait(for: .write) }
    }

    /// Sends one message without waiting, ahead of those who wait; false when the peer's queue is full.
    package func post(_ bytes: [UInt8]) throws(Errno) -> Bool {
        try isSent(bytes, [])
    }

    /// False when the peer's queue is full.
    private func isSent(_ bytes: [UInt8], _ descriptors: [CInt]) throws(Errno) -> Bool {
        let sent = try call(unless: EAGAIN) {
            cn_send_with_descriptors(descriptor.raw, bytes, bytes.count, descriptors, CInt(descriptors.count))
        }
        return sent != nil
    }

    /// The next message, nil when the peer is gone. Throws `Errno` (`EMSGSIZE` for one that is too long or has more than two
    /// descriptors) or `CancellationError`, also after `close()`.
    package func receive() async throws -> Packet? {
        while true {
            switch try take() {
            case .packet(let packet): return packet
            case .end:
                // One's own end looks like the peer's.
                if readiness.isCancelled { throw CancellationError() }
                return nil
            case .nothing: _ = try await readiness.wait(for: .read)
            }
        }
    }

    private enum Taken: ~Copyable {
        case packet(Packet)
        case end, nothing
    }

    private func take() throws(Errno) -> Taken {
        var bytes = [UInt8](repeating: 0, count: Self.maxMessage)
        var descriptors: [CInt] = [-1, -1]
        var count: CInt = 0
        var cut: CInt = 0
        let size = try call(unless: EAGAIN) {
            let got = cn_receive_with_descriptors(descriptor.raw, &bytes, bytes.count, &descriptors, &count, &cut)
            guard got < 0, errno == ECONNRESET else { return got }
            // Told once, before what is still queued: the peer went without reading all. The end follows by itself.
            return cn_receive_with_descriptors(descriptor.raw, &bytes, bytes.count, &descriptors, &count, &cut)
        }
        guard let size else { return .nothing }
        let first = count > 0 ? FileDescriptor(adopting: descriptors[0]) : nil
        let second = count > 1 ? FileDescriptor(adopting: descriptors[1]) : nil
        if cut != 0 { throw Errno(EMSGSIZE) }
        // A message of no bytes cannot be told from the end, and nobody here sends one.
        if size == 0 { return .end }
        return .packet(Packet(bytes: [UInt8](bytes[..<size]), first: first, second: second))
    }

    /// Takes nothing new: from now on the peer's sends fail, what it has sent is still received, and then comes the end.
    /// Sending goes on.
    package func shutdownReading() {
        // Fails only when the conversation is over, which is more than was asked for.
        _ = shutdown(descriptor.raw, CInt(SHUT_RD))
    }

    /// Ends the conversation; the peer sees its end.
    package func close() {
        readiness.cancel()
        _ = shutdown(descriptor.raw, CInt(SHUT_RDWR))
    }
}
