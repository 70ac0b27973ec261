import WebSocket

/// What a session needs of a connection; the tests have one without a socket.
package protocol Transport: Sendable {
    /// One whole message, or nil after the peer's close. Nothing is read unless somebody waits here.
    func receive() async throws(WebSocketError) -> WebSocketMessage?
    func send(_ message: OutgoingMessage) async throws(WebSocketError)
    func close(_ code: CloseCode, reason: String) async
    func setMaxMessage(_ bytes: Int)
    var closeFrame: (code: CloseCode, reason: String)? { get }
    /// Sends a ping and waits for its pong, which somebody in `receive()` has to meet. Throws `.timedOut` after `limit`.
    func ping(_ payload: [UInt8], within limit: Duration) async throws(WebSocketError)
}

extension WebSocketConnection: Transport {}
