import NodeCore
import WebSocket

/// Where the replies of one connection go. A gateway binds an invocation to its connection (openclaw-gateway §6.2), so what
/// comes after its end is dropped.
struct ResultSink: ReplySink {
    let transport: any Transport
    let nodeID: String
    let maxPayload: Int
    /// Fires when the connection is gone.
    let closed = OneShot()

    var payloadLimit: Int { ResultFrame.payloadLimit(maxPayload: maxPayload) }

    /// The bytes that went out, or nil when there was nobody left to hear.
    func send(_ reply: Reply, to invokeID: String) async -> Int? {
        guard !closed.hasFired else { return nil }
        let frame = ResultFrame(reply, to: invokeID, nodeID: nodeID, maxPayload: maxPayload)
        do throws(WebSocketError) {
            try await transport.send(frame.message)
            return frame.size
        } catch {
            // The session's reader meets the same end and says why.
            return nil
        }
    }
}
