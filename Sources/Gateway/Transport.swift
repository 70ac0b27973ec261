import NodeCrypto
import WebSocket

/// What a session needs of a connection; the tests have one without a socket.
package protocol Transport: Sendable {
    /// One whole message, or nil after the peer's close. Nothing is read unless somebody waits here.
    func receive() async throws(WebSocketError) -> WebSocketMessage?
    func send(_ message: OutgoingMessage) async throws(WebSocketError)
    /// Returns at the answer, which somebody in `receive()` has to meet; throws `.timedOut` after `limit`.
    func ping(_ payload: [UInt8], within limit: Duration) async throws(WebSocketError)
    func close(_ code: CloseCode, reason: String) async
    func setMaxMessage(_ bytes: Int)
    /// For how long the gateway may take nothing of what is sent, before the connection ends.
    func setWriteLimit(_ limit: Duration)
    var closeFrame: (code: CloseCode, reason: String)? { get }
    /// What the gateway has shown, where it is by a pin that it is believed.
    var pinnedCertificate: PeerCertificate? { get }
    /// Of the message that is coming in; 0 between two.
    var bytesUnderWay: Int { get }
}

extension WebSocketConnection: Transport {}
