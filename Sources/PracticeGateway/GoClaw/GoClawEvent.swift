/// What a watcher of a GoClaw gateway sees happen.
package enum GoClawEvent: Sendable {
    /// A WebSocket stands; connections are numbered from 1.
    case opened(connection: Int)
    /// A request for another path than the WebSocket's.
    case strayed(path: String)
    case connect(connection: Int, params: JSONValue)
    case pairingRequested(GoClawPairings.Request)
    case admitted(connection: Int, role: GoClawRole, params: JSONValue)
    case refused(connection: Int, method: String, code: String)
    /// Any request but `connect`, before it is judged.
    case request(connection: Int, method: String, params: JSONValue)
    /// A node's answer to what it was sent as a request.
    case response(connection: Int, frame: JSONValue)
    /// Somebody asks the HTTP side whether it is well.
    case healthAsked
    case uploaded(filename: String, bytes: [UInt8])
    case closed(connection: Int, GatewayEvent.Ending)
    case breach(Breach)
}

extension EventFeed<GoClawEvent> {
    package var violations: [Breach] {
        all.compactMap { if case .breach(let breach) = $0 { breach } else { nil } }
    }
}
