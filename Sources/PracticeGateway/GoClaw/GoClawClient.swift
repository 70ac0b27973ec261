import NodeCrypto
import Synchronization
import WebSocket

/// One connection to a GoClaw gateway, and what the gateway knows of it.
final class GoClawClient: Sendable {
    struct State {
        var role: GoClawRole?
        /// Has been told of a pairing that waits, and may ask for it.
        var isPending = false
        /// The pairing that let it in.
        var pairing: String?
        var userID = ""
        /// Commands it serves, by G1's registration; nil without.
        var node: (id: String, commands: [String])?
        /// The compute nodes that it is.
        var computeNodes: Set<String> = []
        var sequence = 0
        var requestIDs: Set<String> = []
        /// Ids of what the gateway has asked it by a request.
        var asked: Set<String> = []
        var ending: GatewayEvent.Ending?
    }

    let connection: WebSocketConnection
    let number: Int
    /// The gateway's name for it, and its sender id until it is paired.
    let id = SecureRandom.uuid()
    let address: String
    private let isNumbering: Bool
    private let state = Mutex(State())

    init(_ connection: WebSocketConnection, _ number: Int, numbersEvents: Bool) {
        self.connection = connection
        self.number = number
        address = connection.peer?.host ?? ""
        isNumbering = numbersEvents
    }

    func with<R: Sendable>(_ body: (inout State) -> R) -> R { state.withLock { body(&$0) } }

    var role: GoClawRole? { state.withLock { $0.role } }

    func send(event: String, _ payload: JSONValue?) async throws(WebSocketError) {
        let sequence = state.withLock { state -> Int in
            state.sequence += 1
            return state.sequence
        }
        try await send(
            .members([
                "type": "event", "event": .string(event), "payload": payload,
                "seq": isNumbering ? .number(Double(sequence)) : nil,
            ]))
    }

    func respond(to id: String, _ outcome: Result<JSONValue, WireRefusal>) async throws(WebSocketError) {
        try await send(Frames.response(to: .string(id), outcome))
    }

    func send(_ frame: JSONValue) async throws(WebSocketError) {
        try await connection.send(.text(frame.bytes))
    }

    /// The TCP connection goes, without a word.
    func drop() {
        state.withLock { $0.ending = $0.ending ?? .lost("dropped by the gateway") }
        connection.abort()
    }

    func ending(seen: GatewayEvent.Ending) -> GatewayEvent.Ending { state.withLock { $0.ending ?? seen } }
}
