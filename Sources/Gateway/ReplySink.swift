import LinuxIO
import NodeCore

/// Where the replies to invocations of one connection go, in the dialect in which it was asked for.
protocol ReplySink: Sendable {
    /// How many bytes the reply's JSON text may have, the base64 of a blob included.
    var payloadLimit: Int { get }
    /// Whether the gateway itself asks again for what was refused before it was begun (openclaw-gateway §6.2).
    var retriesUnbegun: Bool { get }
    /// Whether who asks for the same again is given the same answer (goclaw-gateway §6.2, R17).
    var repeatsAnswers: Bool { get }
    /// Whether the reply is of use when the connection is gone (goclaw-gateway §7.4).
    var outlivesConnection: Bool { get }
    /// Fires when the connection is gone.
    var closed: OneShot { get }

    func send(_ reply: Reply, to invokeID: String) async -> Delivery
}

/// What became of a reply.
struct Delivery: Sendable {
    /// What went out, or nil when there was nobody left to hear.
    var bytes: Int?
    /// As it was told: what was too large may have become something else.
    var reply: Reply
}
