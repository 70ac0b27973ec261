import NodeCore
import NodeCrypto

/// An invocation in any of the forms in which gateways push them, with the form its answer has to have (goclaw-gateway §5.6, P1
/// and P2; R13).
struct PushedInvocation: Equatable, Sendable {
    /// How the asker wants to be answered.
    enum Form: Equatable, Sendable {
        /// `node.invoke.result` with `id`, as OpenClaw and G1 have it.
        case result
        /// `nodes.result`, for compute nodes.
        case compute
        /// `node.invoke.result` with `invokeId`, `result` and an error that is a text.
        case compat
        /// A response to a request, with its id as it came.
        case response(id: JSONTree)
    }

    var request: IncomingFrame.InvokeRequest
    var form: Form
    /// The node that it is for; nil when it does not say.
    var node: String?

    /// Nil for an event that is none; every request is answered, one that is not understood too.
    init?(_ frame: TolerantFrame, commands: [String]) {
        switch frame {
        case .event(let name, let payload): self.init(event: name, payload)
        case .request(let id, let method, let params):
            self =
                PushedInvocation(method: method, params: params, id: id, commands: commands)
                ?? PushedInvocation(unknown: method, id: id)
            // Each connection may number its requests from one.
            request.id = SecureRandom.uuid()
        case .response, .jsonRPC, .other: return nil
        }
    }

    private init(unknown method: String, id: JSONTree) {
        form = .response(id: id)
        request = IncomingFrame.InvokeRequest(
            id: "", nodeID: "", command: method.isEmpty ? "(none)" : method, params: nil, timeoutMs: nil,
            fault: "unknown method \(method.cut(to: 64))")
    }

    /// What can be performed or refused; nil for what cannot be answered.
    var bounded: IncomingFrame.InvokeRequest? {
        // The id of a request is in its answer as it came, and in memory until that has gone.
        if case .response(let id) = form {
            switch id {
            case .array, .object: return nil
            case .string(let text) where text.utf8.count > IncomingFrame.InvokeRequest.idLengths.upperBound: return nil
            default: break
            }
        }
        return request.bounded
    }

    /// The same for who answers `request`, without the params that only who performs it needs: refused, it may wait long for room
    /// to write.
    func answered(as request: IncomingFrame.InvokeRequest) -> PushedInvocation {
        var invocation = self
        invocation.request = request
        invocation.request.params = nil
        return invocation
    }

    /// Nil for an event that is none, or that nobody could be answered.
    init?(event name: String, _ payload: JSONTree?) {
        guard let payload else { return nil }
        switch name {
        case "node.invoke.request":
            self.init(
                payload, form: payload["id"] == nil && payload["invokeId", "invoke_id"] != nil ? .compat : .result)
        case "node.invoke": self.init(payload, form: .compute)
        default: return nil
        }
    }

    /// A request of the server's; nil for a method that is no command of ours.
    init?(method: String, params: JSONTree?, id: JSONTree, commands: [String]) {
        let params = params ?? .object([:])
        if method == "node.invoke" {
            self.init(params, form: .response(id: id), id: id.identifier)
        } else if commands.contains(method) {
            self.init(
                .object(["command": .string(method), "params": params]), form: .response(id: id), id: id.identifier)
        } else {
            return nil
        }
    }

    private init?(_ payload: JSONTree, form: Form, id requestID: String? = nil) {
        guard let id = requestID ?? payload["id", "invokeId", "invoke_id", "requestId"]?.identifier,
            let command = payload["command", "method"]?.string
        else { return nil }
        var fault: String?
        let params: [UInt8]?
        do { params = try Self.params(payload) } catch {
            params = nil
            fault = "params must be an object, or a text that holds one"
        }
        var timeout: Int?
        if let said = payload["timeoutMs", "timeout_ms"] {
            if let milliseconds = said.integer, milliseconds >= 0 {
                // Beyond a day nobody listens any more, and the arithmetic stays safe.
                timeout = min(milliseconds, 86_400_000)
            } else {
                fault = fault ?? "timeoutMs must be a number, and not negative"
            }
        }
        node = payload["nodeId", "node_id"]?.identifier
        self.form = form
        request = IncomingFrame.InvokeRequest(
            id: id, nodeID: node ?? "", command: String(command.trimmed), params: params,
            // So long these gateways wait when nobody says otherwise (§5.2, §5.3).
            timeoutMs: timeout ?? 120_000, fault: fault)
    }

    private struct NoParams: Error {}

    private static func params(_ payload: JSONTree) throws -> [UInt8]? {
        switch payload["paramsJSON", "params"] {
        case nil:
            // One text is enough for all that our commands take.
            guard let arguments = payload["args"] else { return nil }
            guard let list = arguments.array, list.count <= 1 else { throw NoParams() }
            guard let only = list.first else { return nil }
            guard let text = only.string else { throw NoParams() }
            return text.isEmpty ? nil : Array(text.utf8)
        case .string(let text)?: return text.isEmpty ? nil : Array(text.utf8)
        case .object(let members)?: return try JSON.encode(JSONTree.object(members))
        default: throw NoParams()
        }
    }
}
