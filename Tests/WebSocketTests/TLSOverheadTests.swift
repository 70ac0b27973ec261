import COpenSSL
import Glibc
import NodeTesting
import Testing

@testable import LinuxIO
@testable import NodeCrypto
@testable import WebSocket

/// What a peer sends that is TLS's own: a server that is trusted may send new keys, tickets and wishes to begin anew without end.
@Suite(.timeLimit(.minutes(5))) struct TLSOverheadTests {
    /// A client's wire, and a server that says nothing but that new keys are to be used, and reads nothing.
    private struct Flood {
        let wire: Wire
        private let server: TLSSession
        private let socket: StreamSocket

        init(on loop: EventLoop) throws {
            var ends: [CInt] = [-1, -1]
            try call { socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0, &ends) }
            let pin = try CertificatePin(ConnectedPair.certificate.get().fingerprint)
            let client = try TLSSession(client: TLSClientContext(trust: .pins([pin])), serverName: "localhost")
            wire = Wire(try StreamSocket(adopting: FileDescriptor(adopting: ends[0]), on: loop), tls: client)
            socket = try StreamSocket(adopting: FileDescriptor(adopting: ends[1]), on: loop)
            server = try TLSSession(server: TLSServerContext(certificate: ConnectedPair.certificate.get()))
            // Nobody waits: each has the other's words as soon as they are said.
            while true {
                let isDone = if case .done = try wire.shakeHands() { true } else { false }
                _ = try wire.flush()
                var buffer = [UInt8](repeating: 0, count: 16 << 10)
                let count = try buffer.withUnsafeMutableBytes { try socket.read(into: $0) } ?? 0
                try buffer.withUnsafeBytes { try server.receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                let isServed = try server.handshake()
                try send()
                if isDone && isServed { return }
            }
        }

        /// So many records.
        func updateKeys(_ count: Int) throws {
            for _ in 0..<count {
                SSL_key_update(server.ssl, SSL_KEY_UPDATE_REQUESTED)
                #expect(try server.handshake())
            }
            try send()
        }

        private func send() throws {
            var bytes = [UInt8](repeating: 0, count: server.outgoingCount)
            _ = bytes.withUnsafeMutableBytes { server.takeOutgoing(into: $0) }
            let taken = try bytes.withUnsafeBytes { try socket.write($0) }
            #expect(bytes.isEmpty || taken == bytes.count)
        }
    }

    @Test("reading gives way to others after every 64 KiB of it") func yields() async throws {
        try await onEventLoop { loop in
            let flood = try Flood(on: loop)
            // 81 KB.
            try flood.updateKeys(3_000)
            var buffer = [UInt8](repeating: 0, count: 1 << 10)
            var turns = 0
            while case .more = try flood.wire.read(into: &buffer) { turns += 1 }
            #expect(turns > 0)
        }
    }

    @Test("a peer that asks for new keys and does not read that it gets them is left") func unread() async throws {
        try await onEventLoop { loop in
            let flood = try Flood(on: loop)
            var buffer = [UInt8](repeating: 0, count: 1 << 10)
            // 2 MB in all.
            var reason: WebSocketError?
            do {
                for _ in 0..<40 {
                    try flood.updateKeys(2_000)
                    while case .more = try flood.wire.read(into: &buffer) {}
                }
            } catch let error as WebSocketError { reason = error }
            #expect(reason?.description == "TLS failed: the peer asks and asks, and does not read the answers")
        }
    }
}
