import NodeCore
import NodeCrypto
import WebSocket

/// The answer to an invocation in the form in which it was asked for, written by hand around the reply's own bytes.
struct GoClawReply {
    let message: OutgoingMessage
    /// Bytes on the wire.
    let size: Int

    /// `milliseconds`: how long it took.
    init(_ reply: Reply, to invocation: PushedInvocation, milliseconds: Int) {
        switch invocation.form {
        case .result: self = Self.result(reply, invocation)
        case .compute: self = Self.compute(reply, invocation, milliseconds)
        case .compat: self = Self.compat(reply, invocation)
        case .response(let id): self = Self.response(reply, id)
        }
    }

    /// How large the message may be.
    static func limit(of form: PushedInvocation.Form, message: Int) -> Int {
        // The output is a text in a text: it is larger on the wire than what is counted.
        form == .compute ? min(GoClawLimits.output, message) : message
    }

    // MARK: Forms

    private static func result(_ reply: Reply, _ invocation: PushedInvocation) -> GoClawReply {
        let node = invocation.node.map { bytes(",\"nodeId\":") + JSON.quoted($0) } ?? []
        var head = request("node.invoke.result") + bytes("{\"id\":") + JSON.quoted(invocation.request.id) + node
        switch reply.outcome {
        case .success(let json):
            head += bytes(",\"ok\":true,\"payloadJSON\":")
            return GoClawReply(head, json, reply.blob, .text, bytes("}}"))
        case .failure(let refusal):
            head += bytes(",\"ok\":false,\"error\":") + error(refusal)
            return GoClawReply(head + bytes("}}"))
        }
    }

    private static func compute(_ reply: Reply, _ invocation: PushedInvocation, _ milliseconds: Int) -> GoClawReply {
        var head = request("nodes.result") + bytes("{\"nodeId\":") + JSON.quoted(invocation.node ?? "")
        head += bytes(",\"invokeId\":") + JSON.quoted(invocation.request.id)
        head += bytes(",\"durationMs\":\(max(0, milliseconds))")
        switch reply.outcome {
        case .success(let json):
            head += bytes(",\"exitCode\":0,\"stderr\":\"\",\"error\":\"\",\"stdout\":")
            return GoClawReply(head, json, reply.blob, .text, bytes("}}"))
        case .failure(let refusal):
            let words = JSON.quoted(refusal.wireMessage.cut(to: longestMessage))
            head += bytes(",\"exitCode\":1,\"stdout\":\"\",\"stderr\":") + words + bytes(",\"error\":") + words
            return GoClawReply(head + bytes("}}"))
        }
    }

    private static func compat(_ reply: Reply, _ invocation: PushedInvocation) -> GoClawReply {
        var head = request("node.invoke.result") + bytes("{\"invokeId\":") + JSON.quoted(invocation.request.id)
        switch reply.outcome {
        case .success(let json):
            head += bytes(",\"result\":")
            return GoClawReply(head, json, reply.blob, .object, bytes("}}"))
        case .failure(let refusal):
            head += bytes(",\"error\":") + JSON.quoted(refusal.wireMessage.cut(to: longestMessage))
            return GoClawReply(head + bytes("}}"))
        }
    }

    private static func response(_ reply: Reply, _ id: JSONTree) -> GoClawReply {
        // What was decoded can be encoded.
        let id = (try? JSON.encode(id)) ?? bytes("\"\"")
        var head = bytes("{\"type\":\"res\",\"id\":") + id
        switch reply.outcome {
        case .success(let json):
            head += bytes(",\"ok\":true,\"payload\":")
            return GoClawReply(head, json, reply.blob, .object, bytes("}"))
        case .failure(let refusal):
            return GoClawReply(head + bytes(",\"ok\":false,\"error\":") + error(refusal) + bytes("}"))
        }
    }

    // MARK: Parts

    private enum Writing {
        case object
        /// The object's text as a string.
        case text
    }

    private init(_ message: OutgoingMessage, size: Int) {
        self.message = message
        self.size = size
    }

    private init(_ text: [UInt8]) {
        self.init(.text(text), size: text.count)
    }

    /// `json` between `head` and `tail`; media go in as its last member.
    private init(_ head: [UInt8], _ json: [UInt8], _ blob: Blob?, _ writing: Writing, _ tail: [UInt8]) {
        guard let blob else {
            self.init(head + (writing == .text ? JSON.quoted(json) : json) + tail)
            return
        }
        var open = json.dropLast() + (json.count > 2 ? Self.bytes(",") : [])
        open += JSON.quoted(blob.field) + Self.bytes(":\"")
        let close = Self.bytes("\"}")
        let (before, after): ([UInt8], [UInt8]) =
            switch writing {
            case .object: (head + open, close + tail)
            // Base64 stands in a string as it is; what is around it does not.
            case .text: (head + JSON.quoted(Array(open)).dropLast(), JSON.quoted(close).dropFirst() + tail)
            }
        self.init(
            .streamed(head: before, blob: blob.file, tail: after),
            size: before.count + Base64.encodedCount(blob.file.size) + after.count)
    }

    private static let longestMessage = 2048

    private static func request(_ method: String) -> [UInt8] {
        bytes("{\"type\":\"req\",\"id\":\"\(SecureRandom.uuid())\",\"method\":\"\(method)\",\"params\":")
    }

    private static func error(_ refusal: Refusal) -> [UInt8] {
        bytes("{\"code\":") + JSON.quoted(refusal.code.rawValue) + bytes(",\"message\":")
            + JSON.quoted(refusal.wireMessage.cut(to: longestMessage)) + bytes("}")
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
