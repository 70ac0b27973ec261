import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct StreamSocketTests {
    /// Two ends of a connection over loopback.
    private struct Ends: Sendable {
        let client: StreamSocket
        let server: StreamSocket
    }

    private func connected<R: Sendable>(_ body: @escaping @Sendable (Ends) async throws -> R) async throws -> R {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            async let accepted = listener.accept()
            let client = try await StreamSocket.connect(to: .loopback(port: listener.port), on: loop)
            return try await body(Ends(client: client, server: accepted))
        }
    }

    private func write(_ bytes: [UInt8], to socket: StreamSocket) async throws {
        var sent = 0
        while sent < bytes.count {
            if let count = try bytes[sent...].withUnsafeBytes({ try socket.write($0) }) {
                sent += count
            } else {
                _ = try await socket.wait(for: .write)
            }
        }
    }

    /// The next bytes, none at the end.
    private func read(_ socket: StreamSocket) async throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            if let count = try buffer.withUnsafeMutableBytes({ try socket.read(into: $0) }) {
                return Array(buffer[..<count])
            }
            _ = try await socket.wait(for: .read)
        }
    }

    private func failure(_ body: () async throws -> Void) async -> Errno? {
        do { try await body() } catch { return error as? Errno }
        return nil
    }

    @Test("bytes go both ways, and each end knows the other's address")
    func bothWays() async throws {
        try await connected { ends in
            try await write([1, 2, 3], to: ends.client)
            let there = try await read(ends.server)
            #expect(there == [1, 2, 3])
            try await write([4], to: ends.server)
            let back = try await read(ends.client)
            #expect(back == [4])
            #expect(ends.server.peer?.isLoopback == true)
            #expect(ends.server.peer?.port != ends.client.peer?.port)
        }
    }

    @Test("eight megabytes arrive whole through a peer that is slower")
    func backPressure() async throws {
        try await connected { ends in
            let all = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            async let sending: Void = {
                try await write(all, to: ends.client)
                ends.client.shutdownWrite()
            }()
            var got: [UInt8] = []
            while true {
                let piece = try await read(ends.server)
                if piece.isEmpty { break }
                got += piece
            }
            try await sending
            #expect(got == all)
        }
    }

    @Test("nothing to read is not the end, and the end is not nothing to read")
    func end() async throws {
        try await connected { ends in
            var byte: UInt8 = 0
            let nothing = try withUnsafeMutableBytes(of: &byte) { try ends.server.read(into: $0) }
            #expect(nothing == nil)
            ends.client.shutdownWrite()
            let rest = try await read(ends.server)
            #expect(rest.isEmpty)
            try await write([9], to: ends.server)
            let stillReads = try await read(ends.client)
            #expect(stillReads == [9])
        }
    }

    @Test("a port where nobody listens refuses")
    func refused() async throws {
        let told = try await onEventLoop { loop in
            let port = try TCPListener(address: try await ownAddress("127.83.1.3"), on: loop).port
            let address = try await ownAddress("127.83.1.3", port: port)
            return await failure { _ = try await StreamSocket.connect(to: address, on: loop) }
        }
        #expect(told == Errno(ECONNREFUSED))
    }

    @Test("a reset reaches the peer as one")
    func reset() async throws {
        try await connected { ends in
            ends.client.reset()
            let told = await failure { _ = try await read(ends.server) }
            #expect(told == Errno(ECONNRESET))
        }
    }

    @Test("closing wakes who waits, tells the peer, and later calls fail instead of touching another file")
    func closed() async throws {
        try await connected { ends in
            async let waiting = {
                do { _ = try await ends.client.wait(for: .read) } catch { return error is CancellationError }
                return false
            }()
            await Task.yield()
            ends.client.close()
            let isTold = await waiting
            #expect(isTold)
            let readFailure = await failure { _ = try await read(ends.client) }
            #expect(readFailure == Errno(ENOTCONN))
            let writeFailure = await failure { try await write([1], to: ends.client) }
            #expect(writeFailure == Errno(EPIPE))
            #expect(ends.client.peer == nil)
            let rest = try await read(ends.server)
            #expect(rest.isEmpty)
            ends.client.close()
        }
    }

    @Test("a cancelled wait for a connection ends")
    func cancelledConnect() async throws {
        let isCancelled = try await onEventLoop { loop in
            // Its queue of one is full, so that the next one is left waiting.
            let full = try FullListener()
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { _ = try await StreamSocket.connect(to: .loopback(port: full.port), on: loop) } catch {
                        return error is CancellationError
                    }
                    return false
                }
                await Task.yield()
                group.cancelAll()
                return await group.next()
            }
        }
        #expect(isCancelled == true)
    }

    /// A listener that accepts nobody and has no room left.
    private final class FullListener: Sendable {
        let port: UInt16
        private let sockets: [CInt]

        init() throws {
            let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
            try call { SocketAddress.loopback(port: 0).withPointer { bind(listener, $0, $1) } }
            try call { listen(listener, 0) }
            let port = SocketAddress.filled { getsockname(listener, $0, $1) }?.port ?? 0
            var sockets = [listener]
            for _ in 0..<4 {
                let waiting = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
                // In progress, or already in the queue.
                _ = SocketAddress.loopback(port: port).withPointer { connect(waiting, $0, $1) }
                sockets.append(waiting)
            }
            self.port = port
            self.sockets = sockets
        }

        deinit {
            for socket in sockets { close(socket) }
        }
    }

    @Test("a peer that asks whose process it is when the bytes are there already is told") func credentials()
        async throws
    {
        let folder = try ScratchFolder()
        let listener = FileDescriptor(adopting: try call { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        let raw = listener.raw
        try withUnixAddress(folder.file("socket")) { address, length throws(Errno) in
            try call { bind(raw, address, length) }
        }
        try call { listen(raw, 1) }
        try await onEventLoop { loop in
            let client = try StreamSocket.connect(to: folder.file("socket"), on: loop)
            let accepted = FileDescriptor(adopting: try call { accept(raw, nil, nil) })
            #expect(
                try [1, 2, 3].withUnsafeBytes { try client.writeWithCredentials($0) } == 3 * MemoryLayout<Int>.size)
            var isAsking: CInt = 1
            try call {
                setsockopt(accepted.raw, SOL_SOCKET, SO_PASSCRED, &isAsking, socklen_t(MemoryLayout<CInt>.size))
            }
            // A header of 16 bytes, then process, user and group.
            var control = [CInt](repeating: 0, count: 8)
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = try bytes.withUnsafeMutableBytes { bytes in
                try control.withUnsafeMutableBytes { control in
                    var piece = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                    return try withUnsafeMutablePointer(to: &piece) { piece in
                        var message = msghdr()
                        message.msg_iov = piece
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        return try call { recvmsg(accepted.raw, &message, 0) }
                    }
                }
            }
            #expect(count == 3 * MemoryLayout<Int>.size)
            #expect(control[4..<7] == [getpid(), CInt(getuid()), CInt(getgid())])
        }
    }
}
