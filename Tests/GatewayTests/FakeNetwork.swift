import PracticeGateway
import Synchronization
import WebSocket

@testable import Gateway

/// Where the fake connections come from.
final class FakeNetwork: Sendable {
    let connections = EventFeed<FakeTransport>()
    private let failures = Mutex<[WebSocketError]>([])

    /// What becomes of the next dials, before one succeeds.
    func fail(_ errors: WebSocketError...) {
        failures.withLock { $0 += errors }
    }

    /// There is none.
    static let noHTTP: GatewayLink.Ask = { _, _ async throws(WebSocketError) in throw .lost(nil) }
    let ask = noHTTP

    @Sendable func dial(_ dialect: Dialect?) async throws(WebSocketError) -> any Transport {
        let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure { throw failure }
        let transport = FakeTransport()
        connections.emit(transport)
        return transport
    }
}
