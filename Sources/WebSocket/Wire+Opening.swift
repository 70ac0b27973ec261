import LinuxIO
import NodeCrypto

/// How far the opening of a connection has come.
package enum OpeningStep: Sendable {
    /// With the gateway, or with the proxy before it.
    case connected(SocketAddress?)
    /// The proxy says that it is connected with the gateway.
    case tunnelled(Proxy)
    /// TLS stands, and the certificate is one that we trust, for so many days; nil for a pinned one.
    case secured(daysLeft: Int?)
}

extension Wire {
    /// Connects, through the proxy and with TLS if the target says so.
    ///
    /// With pins, a server that shows another certificate has not been sent a byte of HTTP.
    static func open(
        to target: WebSocketTarget, on loop: EventLoop, progress: @Sendable (OpeningStep) -> Void = { _ in }
    ) async throws(WebSocketError) -> Wire {
        let socket = try await connect(to: target, on: loop, progress: progress)
        socket.setUserTimeout(userTimeout)
        let wire: Wire
        do throws(TLSError) {
            let tls = try makeSession(target)
            wire = Wire(socket, tls: tls)
        } catch { throw .tls(error) }
        try await wire.finishHandshake()
        if target.tls != nil { progress(.secured(daysLeft: wire.certificateDaysLeft)) }
        return wire
    }

    /// Two of a gateway's usual ticks. Its silence ends the connection then as well, but what it does not acknowledge shows
    /// without waiting for its next word, also while a long reply is sent.
    private static let userTimeout = Duration.seconds(60)

    private static func connect(
        to target: WebSocketTarget, on loop: EventLoop, progress: @Sendable (OpeningStep) -> Void
    ) async throws(WebSocketError) -> StreamSocket {
        guard let proxy = target.proxy else {
            let socket = try await Dialer.connect(
                to: target.host, port: target.port, within: target.reach, on: loop)
            progress(.connected(socket.peer))
            return socket
        }
        let socket = try await Tunnel.open(
            to: target.host, port: target.port, through: proxy, on: loop, reached: { progress(.connected($0)) })
        progress(.tunnelled(proxy))
        return socket
    }

    private static func makeSession(_ target: WebSocketTarget) throws(TLSError) -> TLSSession? {
        guard let context = target.tls else { return nil }
        return try TLSSession(client: context, serverName: target.host)
    }

    /// TLS from either end, until it stands.
    func finishHandshake() async throws(WebSocketError) {
        shaking: while true {
            switch try shakeHands() {
            case .done: break shaking
            case .waiting: try await wait(for: unsentCount > 0 ? [.read, .write] : .read)
            case .more:
                await Task.yield()
                if Task.isCancelled { throw .cancelled }
            }
        }
        while try !flush() { try await wait(for: .write) }
    }

    private func wait(for interest: Readiness.Interest) async throws(WebSocketError) {
        do { _ = try await socket.wait(for: interest) } catch { throw .cancelled }
    }
}
