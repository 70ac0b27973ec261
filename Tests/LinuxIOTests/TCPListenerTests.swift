import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct TCPListenerTests {
    @Test("everybody who connects is accepted, also those who came before anybody asked")
    func accepts() async throws {
        let count = try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            var clients: [StreamSocket] = []
            for _ in 0..<20 {
                clients.append(try await StreamSocket.connect(to: .loopback(port: listener.port), on: loop))
            }
            var ports: Set<UInt16> = []
            for _ in clients {
                if let peer = try await listener.accept().peer { ports.insert(peer.port) }
            }
            return ports.count
        }
        #expect(count == 20)
    }

    @Test("a port can be listened on once, and again when that is over")
    func port() async throws {
        try await onEventLoop { loop in
            let port = try await usedPort(loop)
            let second = try TCPListener(address: try await ownAddress("127.83.1.1", port: port), on: loop)
            #expect(second.port == port)
        }
    }

    /// One that is free again.
    private func usedPort(_ loop: EventLoop) async throws -> UInt16 {
        let first = try TCPListener(address: try await ownAddress("127.83.1.1"), on: loop)
        #expect(first.port != 0)
        let same = try await ownAddress("127.83.1.1", port: first.port)
        #expect(throws: Errno(EADDRINUSE)) { try TCPListener(address: same, on: loop) }
        return first.port
    }

    @Test("closing wakes who waits, and nobody is accepted any more")
    func closed() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: try await ownAddress("127.83.1.2"), on: loop)
            let address = try await ownAddress("127.83.1.2", port: listener.port)
            async let waiting = {
                do { _ = try await listener.accept() } catch { return error is CancellationError }
                return false
            }()
            await Task.yield()
            listener.close()
            let isTold = await waiting
            #expect(isTold)
            await #expect(throws: Errno(ECONNREFUSED)) {
                try await StreamSocket.connect(to: address, on: loop)
            }
        }
    }
}
