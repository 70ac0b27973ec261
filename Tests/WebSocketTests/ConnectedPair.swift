import LinuxIO
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

/// A client and a server of ours, connected over loopback.
struct ConnectedPair: Sendable {
    enum Transport: String, CaseIterable, Sendable {
        case plain, tls
    }

    static let certificate = Result { try SelfSignedCertificate.make(hosts: ["localhost", "127.0.0.1"]) }

    let client: WebSocketConnection
    let server: WebSocketConnection
    let loop: EventLoop

    /// Runs `body` with a pair on an event loop, as the programs do.
    static func run<R: Sendable>(
        _ transport: Transport = .plain, maxMessage: Int = 32 << 20,
        _ body: @escaping @Sendable (ConnectedPair) async throws -> R
    ) async throws -> R {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let target = try Self.target(transport, port: listener.port)
            let context = try Self.serverContext(transport)
            async let server = accept(listener, context, loop, maxMessage)
            async let client = WebSocketConnection.connect(
                to: target, on: loop, maxMessage: maxMessage, timeout: .seconds(20))
            let pair = try await ConnectedPair(client: client, server: server, loop: loop)
            return try await body(pair)
        }
    }

    private static func accept(
        _ listener: TCPListener, _ context: TLSServerContext?, _ loop: EventLoop, _ maxMessage: Int
    ) async throws -> WebSocketConnection {
        let socket = try await listener.accept()
        return try await WebSocketConnection.accept(socket, tls: context, on: loop, maxMessage: maxMessage) { _ in
            .accept
        }
    }

    static func target(_ transport: Transport, port: UInt16) throws -> WebSocketTarget {
        guard transport == .tls else { return WebSocketTarget(host: "127.0.0.1", port: port) }
        let pin = try CertificatePin(certificate.get().fingerprint)
        return WebSocketTarget(host: "127.0.0.1", port: port, tls: try TLSClientContext(trust: .pins([pin])))
    }

    static func serverContext(_ transport: Transport) throws -> TLSServerContext? {
        transport == .tls ? try TLSServerContext(certificate: certificate.get()) : nil
    }
}

/// Text of `count` bytes that shows where a piece is missing, doubled or out of place.
func sampleText(_ count: Int) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(count + 16)
    var number = 0
    while text.count < count {
        text += Array("\(number) é€𝄞 ".utf8)
        number += 1
    }
    // Back to the last boundary between characters, then blanks.
    text.removeLast(text.count - count)
    while let last = text.last, last >= 0x80 { text.removeLast() }
    return text + [UInt8](repeating: UInt8(ascii: "."), count: count - text.count)
}
