import NodeCore

/// A frame from the gateway, as far as a node looks at it; all else is ignored (openclaw-gateway §2.1).
enum IncomingFrame: Sendable {
    case challenge(nonce: String?, ts: Int?)
    case response(Response)
    case invoke(InvokeRequest)
    case cancel(invokeID: String)
    /// More of what a running invocation works on; none of ours takes any.
    case input
    /// The gateway goes down on purpose; it may say when it is back.
    case shutdown(restartExpectedMs: Int?)
    /// Any other event, or whatever else comes.
    case otherEvent(String)

    /// Whether it is an invocation as another dialect has it.
    var isForeign: Bool {
        if case .otherEvent("node.invoke") = self { return true }
        return false
    }

    struct Response: Sendable {
        var id: String
        var ok: Bool
        var payload: [UInt8]
        var refusal: GatewayRefusal?
    }

    struct InvokeRequest: Equatable, Sendable {
        var id: String
        var nodeID: String
        var command: String
        var params: [UInt8]?
        /// The caller's budget; 0 for none, nil when not said.
        var timeoutMs: Int?
        /// The first field that is not what it should be, so that the asker can be told.
        var fault: String?

        /// In bytes of UTF-8. Gateways use UUIDs; what the reply's frame has no room for cannot be answered.
        static let idLengths = 1...512
        /// No command's name is longer, and names stay in the status.
        private static let longestCommand = 512

        /// What can be performed or refused; nil for what cannot be answered.
        var bounded: InvokeRequest? {
            guard Self.idLengths.contains(id.utf8.count), !command.isEmpty else { return nil }
            guard command.utf8.count > Self.longestCommand else { return self }
            var request = self
            request.command = command.cut(to: 64)
            request.fault = "unknown command \(request.command); its name is longer than any"
            return request
        }
    }

    /// Throws for what is no frame at all, and for frames that cannot be answered anyway.
    init(_ message: [UInt8]) throws(JSONFailure) {
        let head = try JSON.decode(Head.self, from: message)
        switch (head.type, head.event) {
        case ("res", _): self = .response(Response(try JSON.decode(ResponseBody.self, from: message), message))
        case ("event", "connect.challenge"?):
            let payload = try JSON.decode(OptionalPayload<ChallengePayload>.self, from: message).payload
            self = .challenge(nonce: payload?.nonce, ts: payload?.ts)
        case ("event", "node.invoke.request"?):
            self = .invoke(try JSON.decode(Payload<InvokePayload>.self, from: message).payload.request)
        case ("event", "node.invoke.cancel"?):
            self = .cancel(invokeID: try JSON.decode(Payload<CancelPayload>.self, from: message).payload.invokeId)
        case ("event", "node.invoke.input"?): self = .input
        case ("event", "shutdown"?):
            let payload = try JSON.decode(OptionalPayload<ShutdownPayload>.self, from: message).payload
            self = .shutdown(restartExpectedMs: payload?.restartExpectedMs)
        case ("event", let name?): self = .otherEvent(name)
        default: self = .otherEvent(head.type)
        }
    }

    private struct Head: Decodable {
        var type: String
        var event: String?
    }

    private struct Payload<Content: Decodable>: Decodable {
        var payload: Content
    }

    private struct OptionalPayload<Content: Decodable>: Decodable {
        var payload: Content?
    }

    private struct ChallengePayload: Decodable {
        var nonce: String?
        var ts: Int?

        private enum Key: String, CodingKey {
            case nonce, ts
        }

        /// Members of another type are as good as absent: without a nonce the handshake ends, and does not wait for one.
        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            nonce = try? members.decode(String.self, forKey: .nonce)
            ts = try? members.decode(Int.self, forKey: .ts)
        }
    }

    private struct CancelPayload: Decodable {
        var invokeId: String
    }

    private struct ShutdownPayload: Decodable {
        var restartExpectedMs: Int?
    }

    fileprivate struct ResponseBody: Decodable {
        var id: String
        var ok: Bool
        var error: GatewayRefusal?
    }
}

extension IncomingFrame.Response {
    fileprivate init(_ body: IncomingFrame.ResponseBody, _ message: [UInt8]) {
        id = body.id
        ok = body.ok
        payload = message
        refusal = body.error
    }
}

/// `node.invoke.request` as gateways really send it: looser than their own schema (openclaw-gateway §6.2).
private struct InvokePayload: Decodable {
    let request: IncomingFrame.InvokeRequest

    private enum Key: String, CodingKey {
        case id, nodeId, command, paramsJSON, params, timeoutMs
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        var fault: String?
        var params: [UInt8]?
        do {
            if let text = try members.decodeIfPresent(String.self, forKey: .paramsJSON) {
                params = Array(text.utf8)
            } else if let object = try members.decodeIfPresent(JSONText.self, forKey: .params) {
                params = object.text
            }
        } catch { fault = "paramsJSON must be a string that holds a JSON object" }
        var timeout: Int?
        do {
            if let milliseconds = try members.decodeIfPresent(Double.self, forKey: .timeoutMs) {
                if milliseconds < 0 { fault = fault ?? "timeoutMs must not be negative" }
                // Beyond a day nobody listens any more, and the arithmetic stays safe.
                timeout = Int(min(max(0, milliseconds), 86_400_000))
            }
        } catch { fault = fault ?? "timeoutMs must be a number" }
        request = IncomingFrame.InvokeRequest(
            id: try members.decode(String.self, forKey: .id), nodeID: try members.decode(String.self, forKey: .nodeId),
            command: String(try members.decode(String.self, forKey: .command).trimmed), params: params,
            timeoutMs: timeout, fault: fault)
    }
}
