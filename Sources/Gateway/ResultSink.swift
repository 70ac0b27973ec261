import NodeCore
import NodeCrypto
import WebSocket

/// Where the replies of one connection go. A gateway binds an invocation to its connection (openclaw-gateway §6.2), so what
/// comes after its end is dropped.
struct ResultSink: ReplySink {
    let transport: any Transport
    let nodeID: String
    let maxPayload: Int
    var retriesUnbegun = false
    let repeatsAnswers = false
    let outlivesConnection = false
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

    func send(_ reply: Reply, to invokeID: String) async -> Delivery {
        guard !closed.hasFired else { return Delivery(reply: reply) }
        let frame = ResultFrame(reply, to: invokeID, nodeID: nodeID, maxPayload: maxPayload)
        do throws(WebSocketError) {
            try await transport.send(frame.message)
            return Delivery(bytes: frame.size, reply: reply)
        } catch {
            // The session's reader meets the same end and says why.
            return Delivery(reply: reply)
        }
    }
}
