import NodeCore
import NodeCrypto
import WebSocket

/// `node.invoke.result` (openclaw-gateway §6.3), written by hand around the reply's own bytes: a clip is never copied for it.
struct ResultFrame {
    /// What of the gateway's limit is left for the reply, after the longest frame around it.
    static func payloadLimit(maxPayload: Int) -> Int {
        // A gateway carries 24 MB of base64 and not much more.
        max(0, min(maxPayload - overhead, 24 << 20))
    }

    private static let overhead = 1024
    /// A refusal may quote what was asked, and that can be long.
    private static let longestMessage = 2048

    let message: OutgoingMessage
    /// Bytes on the wire.
    let size: Int

    /// The frame for `reply`, or for its refusal when it would not fit into `maxPayload`.
    init(_ reply: Reply, to invokeID: String, nodeID: String, maxPayload: Int) {
        switch reply.outcome {
        case .success(let json):
            let success = Self.success(json, reply.blob, invokeID, nodeID)
            if success.size <= maxPayload {
                self = success
            } else {
                self = Self.failure(
                    .tooLarge(success.size, limit: maxPayload, hint: "ask for less, e.g. a smaller maxWidth"), invokeID,
                    nodeID)
            }
        case .failure(let refusal): self = Self.failure(refusal, invokeID, nodeID)
        }
    }

    private init(message: OutgoingMessage, size: Int) {
        self.message = message
        self.size = size
    }

    private static func success(_ json: [UInt8], _ blob: Blob?, _ invokeID: String, _ nodeID: String) -> ResultFrame {
        guard let blob else {
            let text = head(invokeID, nodeID, ok: true) + Array(",\"payloadJSON\":".utf8) + JSON.quoted(json) + end
            return ResultFrame(message: .text(text), size: text.count)
        }
        // The reply's object, reopened to take the media as its last member.
        var head = head(invokeID, nodeID, ok: true) + Array(",\"payload\":".utf8) + json.dropLast()
        if json.count > 2 { head.append(UInt8(ascii: ",")) }
        head += JSON.quoted(blob.field) + Array(":\"".utf8)
        let tail = Array("\"}".utf8) + end
        let size = head.count + Base64.encodedCount(blob.file.size) + tail.count
        return ResultFrame(message: .streamed(head: head, blob: blob.file, tail: tail), size: size)
    }

    private static func failure(_ refusal: Refusal, _ invokeID: String, _ nodeID: String) -> ResultFrame {
        let code = Array(",\"error\":{\"code\":".utf8) + JSON.quoted(refusal.code.rawValue)
        let message =
            Array(",\"message\":".utf8) + JSON.quoted(refusal.wireMessage.cut(to: longestMessage)) + Array("}".utf8)
        let text = head(invokeID, nodeID, ok: false) + code + message + end
        return ResultFrame(message: .text(text), size: text.count)
    }

    private static func head(_ invokeID: String, _ nodeID: String, ok: Bool) -> [UInt8] {
        var text = Array("{\"type\":\"req\",\"id\":\"\(SecureRandom.uuid())\",\"method\":\"node.invoke.result\"".utf8)
        text += Array(",\"params\":{\"id\":".utf8) + JSON.quoted(invokeID)
        text += Array(",\"nodeId\":\"\(nodeID)\",\"ok\":\(ok)".utf8)
        return text
    }

    /// `node.invoke.progress` (§6.4) with nothing in it: the asker sees that it goes on.
    static func progress(_ id: String, of invokeID: String, _ nodeID: String, number: Int) -> [UInt8] {
        Array("{\"type\":\"req\",\"id\":\"\(id)\",\"method\":\"node.invoke.progress\",\"params\":{\"invokeId\":".utf8)
            + JSON.quoted(invokeID) + Array(",\"nodeId\":\"\(nodeID)\",\"seq\":\(number),\"chunk\":\"\"".utf8) + end
    }

    private static let end = Array("}}".utf8)
}
