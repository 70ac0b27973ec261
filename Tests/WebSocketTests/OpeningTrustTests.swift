import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

/// Whom a client believes before it says anything.
@Suite struct OpeningTrustTests {
    @Test("with a wrong pin nothing of HTTP has been sent")
    func wrongPin() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let pin = try CertificatePin(String(repeating: "0", count: 64))
            let target = WebSocketTarget(
                host: "127.0.0.1", port: listener.port, tls: try TLSClientContext(trust: .pins([pin])))
            async let outcome = OpeningTests.connect(to: target, on: loop)
            let socket = try await listener.accept()
            let context = try ConnectedPair.serverContext(.tls)
            let wasAsked = OneShot()
            await #expect(throws: WebSocketError.self) {
                try await WebSocketConnection.accept(
                    socket, tls: context, on: loop, maxMessage: 1, timeout: .seconds(60)
                ) { _ in
                    wasAsked.fire()
                    return .accept
                }
            }
            #expect(!wasAsked.hasFired)
            let fingerprint = try ConnectedPair.certificate.get().fingerprint
            guard case .tls(.pinMismatch(let presented)) = await outcome else {
                Issue.record("no mismatch")
                return
            }
            #expect(presented.fingerprint == fingerprint)
        }
    }

    @Test("an untrusted server is refused, and is told why")
    func untrusted() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let target = WebSocketTarget(
                host: "127.0.0.1", port: listener.port, tls: try TLSClientContext(trust: .system))
            async let outcome = OpeningTests.connect(to: target, on: loop)
            let socket = try await listener.accept()
            let context = try ConnectedPair.serverContext(.tls)
            let error = await failure { () async throws(WebSocketError) in
                try await WebSocketConnection.accept(
                    socket, tls: context, on: loop, maxMessage: 1, timeout: .seconds(60)
                ) { _ in .accept }
            }
            #expect(error?.description.contains("unknown ca") == true)
            let fingerprint = try ConnectedPair.certificate.get().fingerprint
            #expect(
                await outcome == .tls(.untrusted(reason: "self-signed certificate", presented: fingerprint)))
        }
    }

    @Test("a plain server behind a TLS client is a TLS failure, and the other way round as well")
    func mixedUp() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let target = try ConnectedPair.target(.tls, port: listener.port)
            async let outcome = OpeningTests.connect(to: target, on: loop)
            let peer = RawPeer(socket: try await listener.accept())
            _ = try await peer.read()
            try await peer.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            guard case .tls(.plainHTTP) = await outcome else {
                Issue.record("no TLS failure")
                return
            }
            async let plain = OpeningTests.connect(
                to: WebSocketTarget(host: "127.0.0.1", port: listener.port), on: loop)
            let socket = try await listener.accept()
            let context = try ConnectedPair.serverContext(.tls)
            let error = await failure { () async throws(WebSocketError) in
                try await WebSocketConnection.accept(
                    socket, tls: context, on: loop, maxMessage: 1, timeout: .seconds(60)
                ) { _ in .accept }
            }
            #expect(error == .tls(.protocolFailure("http request")))
            #expect(await plain != nil)
        }
    }
}
