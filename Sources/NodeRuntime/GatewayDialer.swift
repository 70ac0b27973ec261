import Gateway
import LinuxIO
import NodeCrypto
import WebSocket

/// Opens connections to one gateway. The trust anchors are read once, at the first TLS connection: that takes longer than
/// everything else at start.
package actor GatewayDialer {
    package static let connectTime = Duration.seconds(15)

    private let endpoint: GatewayEndpoint
    private let trust: TLSTrust
    private let loop: EventLoop
    private var context: TLSClientContext?

    package init(endpoint: GatewayEndpoint, trust: TLSTrust, loop: EventLoop) {
        self.endpoint = endpoint
        self.trust = trust
        self.loop = loop
    }

    package func dial(
        as dialect: Dialect? = nil, within limit: Duration = connectTime,
        progress: @escaping @Sendable (OpeningStep) -> Void = { _ in }
    ) async throws(WebSocketError) -> any Transport {
        try await WebSocketConnection.connect(
            to: try target(dialect), on: loop, maxMessage: GatewayLink.maxMessageBeforeHello, timeout: limit,
            progress: progress)
    }

    /// Asks the gateway's HTTP side, at the same host and port.
    package func ask(_ request: HTTPRequest, within limit: Duration = connectTime) async throws(WebSocketError)
        -> HTTPAnswer
    {
        try await HTTPExchange.perform(request, at: try target(), on: loop, timeout: limit)
    }

    private func target(_ dialect: Dialect? = nil) throws(WebSocketError) -> WebSocketTarget {
        WebSocketTarget(
            host: endpoint.host, port: endpoint.port, path: endpoint.path(for: dialect), tls: try tlsContext())
    }

    private func tlsContext() throws(WebSocketError) -> TLSClientContext? {
        guard endpoint.isTLS else { return nil }
        if let context { return context }
        do throws(TLSError) {
            let context = try TLSClientContext(trust: trust)
            self.context = context
            return context
        } catch { throw .tls(error) }
    }
}
