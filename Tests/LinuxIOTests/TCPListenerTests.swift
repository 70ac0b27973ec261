import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(1))) struct TCPListenerTests {
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
            let port = try { () throws(Errno) -> UInt16 in
                let first = try TCPListener(address: .loopback(port: 0), on: loop)
                #expect(first.port != 0)
                #expect(throws: Errno(EADDRINUSE)) { try TCPListener(address: .loopback(port: first.port), on: loop) }
                return first.port
            }()
            let second = try TCPListener(address: .loopback(port: port), on: loop)
            #expect(second.port == port)
        }
    }

    @Test("closing wakes who waits, and nobody is accepted any more")
    func closed() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let port = listener.port
            async let waiting = {
                do { _ = try await listener.accept() } catch { return error is CancellationError }
                return false
            }()
            await Task.yield()
            listener.close()
            let isTold = await waiting
            #expect(isTold)
            await #expect(throws: Errno(ECONNREFUSED)) {
                try await StreamSocket.connect(to: .loopback(port: port), on: loop)
            }
        }
    }
}
