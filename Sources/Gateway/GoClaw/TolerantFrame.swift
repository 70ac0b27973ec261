import NodeCore

/// A frame as any gateway of either name may write it, old clients' servers included, brought into one form
/// (goclaw-gateway §6.2, R2–R7).
enum TolerantFrame: Equatable, Sendable {
    case response(Response)
    case event(name: String, payload: JSONTree?)
    /// The id is what has to go back, as it came.
    case request(id: JSONTree, method: String, params: JSONTree?)
    /// G4's.
    case jsonRPC(method: String)
    case other(type: String)

    struct Response: Equatable, Sendable {
        /// In its text form; empty for errors that are about no request of ours.
        var id: String
        var payload: JSONTree?
        /// Nil for a success.
        var fault: GoClawFault?
        /// A greeting that came without being a response (R10).
        var isGreeting = false
    }

    /// Throws for what is no JSON object.
    init(_ message: [UInt8]) throws(JSONFailure) {
        let members = try JSON.decode([String: JSONTree].self, from: message)
        self.init(.object(members))
    }

    private init(_ tree: JSONTree) {
        if tree["jsonrpc"] != nil, tree["type"] == nil {
            self = .jsonRPC(method: tree["method"]?.string ?? "")
            return
        }
        let type = tree["type"]?.string
        switch type ?? Self.guessedType(of: tree) {
        case "res": self = .response(Self.response(tree))
        case "event": self = .event(name: tree["event"]?.string ?? "", payload: tree["payload", "params", "data"])
        case "req":
            self = .request(
                id: tree["id"] ?? .string(""), method: tree["method"]?.string ?? "", params: tree["params"])
        case "hello-ok": self = .response(Response(id: "", payload: tree, isGreeting: true))
        default: self = .other(type: type ?? "")
        }
    }

    private static func guessedType(of tree: JSONTree) -> String {
        if tree["method"] != nil, tree["id"] != nil { return "req" }
        if tree["event"] != nil { return "event" }
        let isResponse = ["ok", "payload", "result", "error"].contains { tree.object?[$0] != nil }
        return tree["id"] != nil && isResponse ? "res" : ""
    }

    private static func response(_ tree: JSONTree) -> Response {
        let ok = tree["ok"]?.bool ?? (tree["error"] == nil)
        return Response(
            id: tree["id"]?.identifier ?? "", payload: tree.object?["payload"] ?? tree["result"],
            fault: ok ? nil : GoClawFault(tree["error"]))
    }
}

extension TolerantFrame {
    /// The frame as OpenClaw's gateways write it, for those that speak that dialect and take it lightly; nil where it is none
    /// of theirs.
    var asOpenClaw: [UInt8]? {
        var members: [String: JSONTree]
        switch self {
        case .response(let response):
            // What says nothing at all is an answer to nobody.
            if response.payload == nil, response.fault == nil { return nil }
            members = ["type": .string("res"), "id": .string(response.id), "ok": .bool(response.fault == nil)]
            if let fault = response.fault { members["error"] = fault.tree }
            members["payload"] = response.payload
        case .event(let name, let payload):
            members = ["type": .string("event"), "event": .string(name)]
            members["payload"] = payload
        case .request, .jsonRPC, .other: return nil
        }
        // What has just been decoded can be encoded again.
        return try? JSON.encode(JSONTree.object(members))
    }
}

/// The error of a response. `code` is what is gone by; `message` is in the gateway's language (R20).
struct GoClawFault: Error, Equatable, Sendable {
    var code: String
    var message: String
    var details: JSONTree?
    var isRetryable = false
    var retryAfterMs: Int?

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    /// In whatever form it came; nil is an error that says nothing.
    init(_ error: JSONTree?) {
        code = error?["code"].flatMap { $0.identifier ?? $0.integer.map(String.init) } ?? "UNKNOWN"
        message = (error?["message"]?.string ?? error?.string ?? "unknown").cut(to: 500)
        details = error?["details"]
        isRetryable = error?["retryable"]?.bool ?? false
        retryAfterMs = error?["retryAfterMs", "retry_after_ms"]?.integer
    }

    static let connectionLost = GoClawFault("UNAVAILABLE", "connection lost")

    fileprivate var tree: JSONTree {
        var members: [String: JSONTree] = ["code": .string(code), "message": .string(message)]
        members["details"] = details
        if isRetryable { members["retryable"] = .bool(true) }
        if let retryAfterMs { members["retryAfterMs"] = .integer(Int64(retryAfterMs)) }
        return .object(members)
    }
}

extension IncomingFrame {
    /// The frame, also where it is one that only resembles OpenClaw's; nil for what is none.
    init?(tolerating message: [UInt8]) {
        let strict = try? IncomingFrame(message)
        if let strict {
            // What is missing may be under another name.
            if case .challenge(nil, _) = strict {
            } else {
                self = strict
                return
            }
        }
        // What is not even JSON is neither.
        let loose = (try? TolerantFrame(message))?.asOpenClaw
        guard let frame = loose.flatMap({ try? IncomingFrame($0) }) ?? strict else { return nil }
        self = frame
    }
}
