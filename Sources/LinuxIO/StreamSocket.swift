import CLinux
import Glibc
import Synchronization

/// A connected, non-blocking TCP socket without Nagle's delay, or a local one. Calls that would block say nil; then `wait(for:)`.
package final class StreamSocket: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private let isClosed = Mutex(false)

    init(adopting descriptor: consuming FileDescriptor, on loop: EventLoop) throws(Errno) {
        let raw = descriptor.raw
        try call { cn_set_nonblocking(raw) }
        readiness = try Readiness(raw, on: loop)
        self.descriptor = descriptor
        set(tcpLevel, TCP_NODELAY, 1)
    }

    deinit { readiness.cancel() }

    /// Throws `Errno` (unreachable, refused, timed out) or `CancellationError`.
    package static func connect(to address: SocketAddress, on loop: EventLoop) async throws -> StreamSocket {
        let type = CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let descriptor = FileDescriptor(adopting: try call { socket(address.family, type, 0) })
        let raw = descriptor.raw
        let result = address.withPointer { Glibc.connect(raw, $0, $1) }
        let failure = Errno.current
        guard result == 0 || failure == Errno(EINPROGRESS) else { throw failure }
        let connection = try StreamSocket(adopting: descriptor, on: loop)
        if result != 0 { try await connection.finishConnecting() }
        return connection
    }

    /// Connected to whoever listens at `path`, or at an abstract name (see `withUnixAddress`). Throws `EAGAIN` when too many
    /// wait there already.
    package static func connect(to path: String, on loop: EventLoop) throws(Errno) -> StreamSocket {
        let type = CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let raw = try call { socket(AF_UNIX, type, 0) }
        let descriptor = FileDescriptor(adopting: raw)
        // A local connection is made at once, or not at all.
        try withUnixAddress(path) { address, length throws(Errno) in
            try call { Glibc.connect(raw, address, length) }
        }
        return try StreamSocket(adopting: descriptor, on: loop)
    }

    private func finishConnecting() async throws {
        while true {
            _ = try await wait(for: .write)
            var failure: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            try call { getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &failure, &size) }
            if failure != 0 { throw Errno(failure) }
            // An edge from before the connection stood says nothing; a peer's address does.
            if peer != nil { return }
        }
    }

    package var peer: SocketAddress? { SocketAddress.filled { getpeername(descriptor.raw, $0, $1) } }

    /// The number of bytes, 0 at the end of the stream, nil when none are there yet.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int? {
        try call(unless: EAGAIN) { recv(descriptor.raw, buffer.baseAddress, buffer.count, 0) }
    }

    /// The next bytes, at most 16 KiB; empty at the end of the stream. Throws `Errno` or `CancellationError`.
    package func next() async throws -> [UInt8] {
        while true {
            let piece = try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { space in
                try read(into: space).map { Array(space[..<$0]) }
            }
            if let piece { return piece }
            _ = try await wait(for: .read)
        }
    }

    /// As `read`, but what is read stays there for the next one.
    package func peek(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int? {
        try call(unless: EAGAIN) { recv(descriptor.raw, buffer.baseAddress, buffer.count, CInt(MSG_PEEK)) }
    }

    /// The number of bytes taken by the kernel, nil when it takes none now.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int? {
        try call(unless: EAGAIN) { send(descriptor.raw, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
    }

    /// As `write`, to a peer on this machine that gets `descriptor` with the first byte.
    package func write(_ bytes: UnsafeRawBufferPointer, descriptor: CInt?) throws(Errno) -> Int? {
        let descriptors = descriptor.map { [$0] } ?? []
        return try call(unless: EAGAIN) {
            cn_send_with_descriptors(
                self.descriptor.raw, bytes.baseAddress, bytes.count, descriptors, CInt(descriptors.count))
        }
    }

    /// As `write`, to a peer on this machine that asks whose process it is (unix(7), `SCM_CREDENTIALS`). The kernel tells it by itself
    /// only to who had asked before the bytes were written.
    package func writeWithCredentials(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int? {
        try call(unless: EAGAIN) { cn_send_with_credentials(descriptor.raw, bytes.baseAddress, bytes.count) }
    }

    package func wait(for interest: Readiness.Interest) async throws -> Readiness.Interest {
        try await readiness.wait(for: interest)
    }

    /// Keeps the kernel's queue of unsent bytes below `bytes`, so that what is urgent is not stuck behind what is large.
    package func setNotSentLowWater(_ bytes: Int) {
        set(tcpLevel, TCP_NOTSENT_LOWAT, CInt(bytes))
    }

    /// Ends the connection when the peer's kernel has acknowledged nothing of what is under way for as long.
    package func setUserTimeout(_ timeout: Duration) {
        set(tcpLevel, TCP_USER_TIMEOUT, CInt(timeout / .milliseconds(1)))
    }

    private func set(_ level: CInt, _ option: CInt, _ value: CInt) {
        var value = value
        // These options tune; a kernel that refuses one still carries the connection.
        _ = setsockopt(descriptor.raw, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    package func shutdownWrite() {
        // Fails only when the peer is gone, which is what is wanted.
        _ = shutdown(descriptor.raw, CInt(SHUT_WR))
    }

    /// Ends the connection with a reset instead of an orderly end: nothing queued is sent any more.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor.raw, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    /// Ends the connection; whoever waits gets a `CancellationError`, later calls fail with `ENOTCONN`.
    package func close() {
        let first = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard first else { return }
        readiness.cancel()
        // The number itself stays ours until deinit, so that no other file can get it while a call is under way.
        let end = FileDescriptor(adopting: socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0))
        _ = cn_replace(end.raw, descriptor.raw)
    }
}

private let tcpLevel = CInt(IPPROTO_TCP)
