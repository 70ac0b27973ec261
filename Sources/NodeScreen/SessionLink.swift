import Glibc
import LinuxIO

/// The bytes of a conversation with whoever shows a session's screens, on a local socket.
package actor SessionLink {
    /// Who that is, for people.
    package nonisolated let name: String
    private nonisolated let socket: StreamSocket
    private nonisolated let loop: EventLoop
    private var input: [UInt8] = []

    /// Who is not stopped answers at once, but for a small machine that swaps.
    package static let patience = Duration.seconds(10)

    private init(_ socket: StreamSocket, name: String, on loop: EventLoop) {
        self.socket = socket
        self.name = name
        self.loop = loop
    }

    /// Nil when nobody listens at `path`.
    package static func connect(
        _ path: String, name: String, on loop: EventLoop
    ) throws(ScreenError) -> SessionLink? {
        do throws(Errno) {
            return SessionLink(try StreamSocket.connect(to: path, on: loop), name: name, on: loop)
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR, ECONNREFUSED: return nil
            case EACCES, EPERM: throw .permission(name, remedy: "run the node as the user whose session it is")
            default: throw .failed(name, reason: "\(error)")
            }
        }
    }

    /// Whoever waits gets `ScreenError.cancelled`.
    package nonisolated func close() { socket.close() }

    /// What `body` gives; who lets it wait for longer than `patience` has failed.
    package nonisolated func inTime<R: Sendable>(
        _ body: @escaping @Sendable () async throws(ScreenError) -> R
    ) async throws(ScreenError) -> R {
        if let result = try await within(Self.patience, body) { return result }
        throw .failed(
            name, reason: "it has said nothing for \(Self.patience); whoever sits there may have to restart it")
    }

    /// What `body` gives, or nil when `limit` passed first; `body` is cancelled then.
    package nonisolated func within<R: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws(ScreenError) -> R
    ) async throws(ScreenError) -> R? {
        let result = await loop.within(limit) { () -> Result<R, ScreenError> in
            do throws(ScreenError) { return .success(try await body()) } catch { return .failure(error) }
        }
        if let result { return try result.get() }
        if Task.isCancelled { throw .cancelled }
        return nil
    }

    /// `descriptor` goes with the first byte.
    package func send(_ bytes: [UInt8], descriptor: CInt? = nil) async throws(ScreenError) {
        do {
            var rest = bytes[...]
            var descriptor = descriptor
            while !rest.isEmpty {
                let written = try rest.withUnsafeBytes { try socket.write($0, descriptor: descriptor) }
                if let written {
                    rest = rest.dropFirst(written)
                    descriptor = nil
                } else {
                    _ = try await socket.wait(for: .write)
                }
            }
        } catch {
            // Half a request would spoil all later ones.
            socket.close()
            throw translated(error)
        }
    }

    /// The next `count` bytes, which stay there.
    package func peek(_ count: Int) async throws(ScreenError) -> [UInt8] {
        try await fill(to: count)
        return Array(input[..<count])
    }

    /// The next `count` bytes.
    package func take(_ count: Int) async throws(ScreenError) -> [UInt8] {
        try await fill(to: count)
        defer { input.removeFirst(count) }
        return Array(input[..<count])
    }

    private func fill(to count: Int) async throws(ScreenError) {
        do {
            while input.count < count {
                let piece = try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { space in
                    try socket.read(into: space).map { Array(space[..<$0]) }
                }
                if let piece {
                    if piece.isEmpty { throw ScreenError.gone(name) }
                    input += piece
                    // Who never pauses holds up nobody else, and nobody who asks no more.
                    await Task.yield()
                    try Task.checkCancellation()
                } else {
                    _ = try await socket.wait(for: .read)
                }
            }
        } catch { throw translated(error) }
    }

    private func translated(_ error: any Error) -> ScreenError {
        switch error {
        case let error as ScreenError: error
        case is CancellationError: .cancelled
        case let error as Errno where error.isPeerGone: .gone(name)
        default: .failed(name, reason: "\(error)")
        }
    }
}
