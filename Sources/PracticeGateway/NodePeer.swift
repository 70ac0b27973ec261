import LinuxIO
import Synchronization
import WebSocket

/// One node's connection after its hello: what it may be asked, and the way to it.
final class NodePeer: Sendable {
    let connection: WebSocketConnection
    let number: Int
    private let state: Mutex<State>

    private struct State {
        var view: NodeView
        var sequence = 0
        var ending: GatewayEvent.Ending?
    }

    init(_ connection: WebSocketConnection, _ view: NodeView) {
        self.connection = connection
        number = view.connection
        state = Mutex(State(view: view))
    }

    var view: NodeView { state.withLock { $0.view } }
    var id: String { state.withLock { $0.view.id } }

    func update(_ change: (inout NodeView) -> Void) {
        state.withLock { change(&$0.view) }
    }

    // MARK: Sending

    /// An event for this node only; without a number, as the gateways send it.
    func send(event: String, _ payload: JSONValue) async throws(WebSocketError) {
        try await send(["type": "event", "event": .string(event), "payload": payload])
    }

    /// An event that all nodes get; numbered.
    func broadcast(event: String, _ payload: JSONValue) async throws(WebSocketError) {
        let sequence = state.withLock { state in
            state.sequence += 1
            return state.sequence
        }
        try await send([
            "type": "event", "event": .string(event), "payload": payload, "seq": .number(Double(sequence)),
        ])
    }

    func respond(to id: JSONValue, _ outcome: Result<JSONValue, WireRefusal>) async throws(WebSocketError) {
        try await send(Frames.response(to: id, outcome))
    }

    func send(_ frame: JSONValue) async throws(WebSocketError) {
        try await connection.send(.text(frame.bytes))
    }

    // MARK: Ending

    /// Closes from the gateway's side; `closed` will tell so.
    func close(_ code: UInt16, _ reason: String) async {
        willEnd(.byGateway(code: code, reason: reason))
        await connection.close(CloseCode(rawValue: code), reason: reason)
    }

    func reset() {
        willEnd(.lost("reset by the gateway"))
        connection.abort()
    }

    private func willEnd(_ ending: GatewayEvent.Ending) {
        state.withLock { $0.ending = $0.ending ?? ending }
    }

    /// How it ended: what the gateway did first, or else what was seen of the node.
    func ending(seen: GatewayEvent.Ending) -> GatewayEvent.Ending {
        state.withLock { $0.ending ?? seen }
    }
}

/// The frames a gateway sends before a node has a name, too.
enum Frames {
    static func response(to id: JSONValue, _ outcome: Result<JSONValue, WireRefusal>) -> JSONValue {
        switch outcome {
        case .success(let payload): ["type": "res", "id": id, "ok": true, "payload": payload]
        case .failure(let refusal): ["type": "res", "id": id, "ok": false, "error": refusal.error]
        }
    }
}
