/// What came of one invocation, as its caller sees it.
package struct InvokeResult: Sendable {
    package enum Outcome: Sendable, Equatable {
        case succeeded
        /// The node answered with an error.
        case failed(code: String, message: String)
        /// The gateway did not ask the node.
        case refused(WireRefusal)
        /// The node did not answer in time, or its connection ended first: the gateway's own codes.
        case unanswered(code: String)
    }

    package let invokeID: String
    package let nodeID: String
    package let command: String
    package let outcome: Outcome
    /// From the first byte of the request handed to the socket to the last byte of the reply read; nil without a reply.
    package let roundTrip: Duration?
    /// Size of the reply's message.
    package let messageSize: Int
    /// Whether the reply came as `payloadJSON`, which costs its caller twice the bytes, rather than as `payload`.
    package let isText: Bool

    private let message: [UInt8]
    private let range: Range<Int>

    package var isSuccess: Bool { outcome == .succeeded }

    /// The reply's JSON text; empty when there is none. A slice of the message, not a copy.
    package var payloadText: ArraySlice<UInt8> { message[range] }

    /// The reply as a tree. Parsed anew with every call.
    package func payload() throws(JSONFault) -> JSONValue {
        try JSONReader.read(Array(payloadText))
    }

    /// The bytes that `field` of the reply carries as base64; nil when it is absent or no base64.
    package func media(_ field: String = "base64") throws(JSONFault) -> [UInt8]? {
        try payload()[field]?.string.flatMap(Base64Text.decode)
    }
}

extension InvokeResult {
    /// Without a reply.
    init(_ call: Invoke, _ outcome: Outcome) {
        invokeID = call.id
        nodeID = call.nodeID
        command = call.command
        self.outcome = outcome
        roundTrip = nil
        messageSize = 0
        isText = false
        message = []
        range = 0..<0
    }

    /// From the params of a `node.invoke.result` that the schema let pass.
    init(_ call: Invoke, sentAt: ContinuousClock.Instant, _ reply: InvokeReply) {
        invokeID = call.id
        nodeID = call.nodeID
        command = call.command
        roundTrip = reply.arrivedAt - sentAt
        messageSize = reply.message.count
        if reply.params["ok"] == true {
            outcome = .succeeded
        } else {
            let error = reply.params["error"]
            outcome = .failed(
                code: error?["code"]?.string ?? "UNAVAILABLE", message: error?["message"]?.string ?? "")
        }
        // The text wins over the tree when a node sends both.
        if let text = reply.params["payloadJSON"]?.string {
            isText = true
            message = Array(text.utf8)
            range = 0..<message.count
        } else {
            isText = false
            message = reply.message
            range = reply.params.object?.member("payload")?.range ?? 0..<0
        }
    }
}

/// One invocation on its way to a node.
struct Invoke: Sendable {
    let id: String
    let nodeID: String
    let command: String
}

/// A reply as it arrived.
struct InvokeReply: Sendable {
    let params: JSONValue
    let message: [UInt8]
    let arrivedAt: ContinuousClock.Instant
}
