import Gateway
import LinuxIO
import NodeCrypto
import Synchronization
import WebSocket

/// Opens connections to one gateway, at the first of its addresses that answers. The trust anchors are read once, at the first
/// TLS connection: that takes longer than everything else at start.
package actor GatewayDialer {
    /// For each of the addresses.
    package static let connectTime = Duration.seconds(15)

    /// For all of them together: systemd waits a minute and a half to be told how the first attempt went.
    private static let roundTime = Duration.seconds(60)

    private let ways: [GatewayWay]
    private let trust: TLSTrust
    private let loop: EventLoop
    private let report: @Sendable (LinkEvent) -> Void
    private var context: TLSClientContext?
    private let choice = Mutex(Choice())

    /// With which address the next attempt begins.
    private struct Choice {
        var first = 0
        var reached: Int?
        var isWelcome = false
    }

    package init(
        _ ways: [GatewayWay], trust: TLSTrust, loop: EventLoop,
        report: @escaping @Sendable (LinkEvent) -> Void = { _ in }
    ) {
        self.ways = ways
        self.trust = trust
        self.loop = loop
        self.report = report
    }

    /// Within `limit` for each of the addresses. When none answers, what the best of them came to; or, where that one's
    /// certificate is not the right one, what a later one did for which another attempt may be worth while sooner.
    package func dial(
        as dialect: Dialect? = nil, within limit: Duration = connectTime,
        progress: @escaping @Sendable (OpeningStep) -> Void = { _ in }
    ) async throws(WebSocketError) -> any Transport {
        let first = choice.withLock { $0.first }
        let limit = min(limit, Self.roundTime / ways.count)
        var failures: [(way: Int, error: WebSocketError)] = []
        for number in ways.indices.map({ ($0 + first) % ways.count }) {
            if !failures.isEmpty { report(.connecting) }
            let outcome = await attempt(ways[number], dialect, limit, progress)
            switch outcome {
            case .success(let transport):
                choice.withLock { $0 = Choice(first: 0, reached: number) }
                report(.reached(ways[number].endpoint))
                return transport
            case .failure(.cancelled): throw .cancelled
            case .failure(let error): failures.append((number, error))
            }
        }
        choice.withLock { $0 = Choice() }
        failures.sort { ($0.error.isDistrust ? 1 : 0, $0.way) < ($1.error.isDistrust ? 1 : 0, $1.way) }
        throw failures.first?.error ?? .cancelled
    }

    /// An address that connects and then comes to nothing is not the first to be tried next time. The preferred one is, after
    /// every connection that was one.
    package nonisolated func heed(_ event: LinkEvent) {
        choice.withLock { choice in
            switch event {
            case .connected: choice.isWelcome = true
            case .waiting(let condition, _, _):
                let isFutile = condition.id == "gateway-unreachable" && !choice.isWelcome
                choice.first = isFutile ? choice.reached.map { ($0 + 1) % ways.count } ?? 0 : 0
            default: return
            }
        }
    }

    /// Asks the HTTP side of the address that was reached last, or of the preferred one, at the same host and port.
    package func ask(
        _ request: HTTPRequest, within limit: Duration = connectTime
    ) async throws(WebSocketError) -> HTTPAnswer {
        let way = ways[choice.withLock { $0.reached } ?? 0]
        return try await HTTPExchange.perform(request, at: try target(way), on: loop, timeout: limit)
    }

    private func attempt(
        _ way: GatewayWay, _ dialect: Dialect?, _ limit: Duration,
        _ progress: @escaping @Sendable (OpeningStep) -> Void
    ) async -> Result<any Transport, WebSocketError> {
        do throws(WebSocketError) {
            return .success(
                try await WebSocketConnection.connect(
                    to: try target(way, dialect), on: loop, maxMessage: GatewayLink.maxMessageBeforeHello,
                    timeout: limit, progress: progress))
        } catch { return .failure(error) }
    }

    private func target(_ way: GatewayWay, _ dialect: Dialect? = nil) throws(WebSocketError) -> WebSocketTarget {
        WebSocketTarget(
            host: way.endpoint.address, port: way.endpoint.port, path: way.endpoint.path(for: dialect),
            tls: way.endpoint.isTLS ? try tlsContext() : nil, headers: way.edge?.headers ?? [], proxy: way.proxy,
            reach: way.endpoint.reach)
    }

    private func tlsContext() throws(WebSocketError) -> TLSClientContext {
        if let context { return context }
        do throws(TLSError) {
            let context = try TLSClientContext(trust: trust)
            self.context = context
            return context
        } catch { throw .tls(error) }
    }
}
