import CLinux
import Glibc

/// A listening `SOCK_SEQPACKET` socket at a path, for processes of other users too.
package final class MessageListener: Sendable {
    private let path: String
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private let loop: EventLoop

    /// Listens at `path`, in the place of whatever another life of this program has left there. Who may connect, `mode` says, and the
    /// folder's.
    package init(path: String, mode: mode_t, on loop: EventLoop) throws(Errno) {
        let type = CInt(SOCK_SEQPACKET.rawValue | SOCK_NONBLOCK.rawValue) | O_CLOEXEC
        let descriptor = FileDescriptor(adopting: try call { socket(AF_UNIX, type, 0) })
        let raw = descriptor.raw
        _ = try call(unless: ENOENT) { unlink(path) }
        try withUnixAddress(path) { address, length throws(Errno) in try call { bind(raw, address, length) } }
        // The process's own mask has had its say.
        try call { chmod(path, mode) }
        try call { listen(raw, 16) }
        readiness = try Readiness(raw, on: loop)
        self.descriptor = descriptor
        self.path = path
        self.loop = loop
    }

    deinit { close() }

    /// The next connection, and whose process it was that made it. Throws `Errno` or `CancellationError`.
    package func accept() async throws -> (socket: MessageSocket, user: uid_t) {
        while true {
            if let connection = try acceptNow() { return connection }
            _ = try await readiness.wait(for: .read)
        }
    }

    private func acceptNow() throws(Errno) -> (socket: MessageSocket, user: uid_t)? {
        guard let raw = try call(unless: EAGAIN, { cn_accept(descriptor.raw) }) else { return nil }
        let connection = FileDescriptor(adopting: raw)
        var user: uid_t = 0
        try call { cn_peer_user(raw, &user) }
        return (try MessageSocket(adopting: connection, on: loop), user)
    }

    /// Ends listening; connections that were accepted stay.
    package func close() {
        guard !readiness.isCancelled else { return }
        readiness.cancel()
        _ = shutdown(descriptor.raw, CInt(SHUT_RDWR))
        unlink(path)
    }
}
