import NodeCore
import NodeCrypto
import WebSocket

/// Where the replies of one connection go. A gateway binds an invocation to its connection (openclaw-gateway §6.2), so what
/// comes after its end is dropped.
struct ResultSink: ReplySink {
    let transport: any Transport
    let nodeID: String
    let maxPayload: Int
    /// Whether the gateway itself asks again for what was refused before it was begun (§6.2).
    var retriesUnbegun = false
    /// Fires when the connection is gone.
    let closed = OneShot()
    /// Fires when the gateway wants no progress told.
    let progressRefused = OneShot()

    /// A sign of life from an invocation; the id of the request, or nil when there was nobody left to hear.
    func sendProgress(of invokeID: String, number: Int) async -> String? {
        guard !closed.hasFired else { return nil }
        let id = SecureRandom.uuid()
        // The session's reader meets the same end and says why.
        guard (try? await transport.send(.text(ResultFrame.progress(id, of: invokeID, nodeID, number: number)))) != nil
        else { return nil }
        return id
    }

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
