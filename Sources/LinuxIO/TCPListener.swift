import CLinux
import Glibc

/// A listening TCP socket.
package final class TCPListener: Sendable {
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private let loop: EventLoop

    /// Listens on `address`; a port that was in use a moment ago can be taken again.
    package init(address: SocketAddress, on loop: EventLoop) throws(Errno) {
        let type = CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let descriptor = FileDescriptor(adopting: try call { socket(address.family, type, 0) })
        let raw = descriptor.raw
        var one: CInt = 1
        try call { setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size)) }
        try call { address.withPointer { bind(raw, $0, $1) } }
        try call { listen(raw, 128) }
        readiness = try Readiness(raw, on: loop)
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit {
        // A child that is just being started has the socket, too, until it becomes another program: closing our descriptor
        // alone would leave the port taken for that long.
        close()
    }

    /// Where it listens, with the port that the kernel chose if it did.
    package var address: SocketAddress? { SocketAddress.filled { getsockname(descriptor.raw, $0, $1) } }

    package var port: UInt16 { address?.port ?? 0 }

    /// The next connection. Throws `Errno` or `CancellationError`.
    package func accept() async throws -> StreamSocket {
        while true {
            if let connection = try acceptNow() { return connection }
            _ = try await readiness.wait(for: .read)
        }
    }

    private func acceptNow() throws(Errno) -> StreamSocket? {
        guard let raw = try call(unless: EAGAIN, { cn_accept(descriptor.raw) }) else { return nil }
        return try StreamSocket(adopting: FileDescriptor(adopting: raw), on: loop)
    }

    package func close() {
        readiness.cancel()
        _ = shutdown(descriptor.raw, CInt(SHUT_RDWR))
    }
}
