import NodeCore

/// Where the reply to an invocation goes, in the dialect in which it was asked for.
protocol ReplySink: Sendable {
    /// How many bytes the reply's JSON text may have, the base64 of a blob included.
    var payloadLimit: Int { get }
    /// Whether the gateway itself asks again for what was refused before it was begun (openclaw-gateway §6.2).
    var retriesUnbegun: Bool { get }
    /// Fires when the connection is gone.
    var closed: OneShot { get }

    /// The bytes that went out, or nil when there was nobody left to hear.
    func send(_ reply: Reply, to invokeID: String) async -> Int?
}
