import NodeCore
import NodeCrypto

/// The HTTP request that begins a WebSocket connection (RFC 6455 §4.1), as a client writes and a server reads it.
package struct UpgradeRequest: Sendable, Equatable {
    /// With the query, as it came.
    package let path: String
    /// `Sec-WebSocket-Key`
    let key: String
    private let fields: [HTTPHead.Field]
    /// The value of a field, in whatever case its name is given; nil without one.
    package func value(of name: String) -> String? { fields.value(of: name) }

    // MARK: Client

    /// A request with a new key. No `Origin`: it is for browsers, and gateways treat who sends it as one.
    init(for target: WebSocketTarget, path: String? = nil) throws(WebSocketError) {
        let path = path ?? (target.path.hasPrefix("/") ? target.path : "/" + target.path)
        guard HTTPHead.isLine(target.host), !target.host.isEmpty else {
            throw .badRequest("the address holds characters that no address has")
        }
        self.path = path
        key = String(decoding: Base64.encode(SecureRandom.bytes(16)), as: UTF8.self)
        let fields =
            [
                ("Host", target.authority), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
                ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", "13"),
            ] + target.headers
        self.fields = fields.map { HTTPHead.Field(name: $0, value: $1) }
    }

    /// As it is sent. Throws `.badRequest` for what would not stay in its line.
    var bytes: [UInt8] {
        get throws(WebSocketError) { try HTTPHead.request("GET", path, fields.map { ($0.name, $0.value) }) }
    }

    // MARK: Server

    /// Throws the answer that says what is wrong with it.
    init(_ head: HTTPHead) throws(UpgradeResponse) {
        let parts = head.startLine.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].hasPrefix("HTTP/") else { throw .refusing(400, "Not an HTTP request\n") }
        guard parts[0] == "GET", parts[2] == "HTTP/1.1" else { throw .refusing(405, "GET with HTTP/1.1 only\n") }
        guard head.value(of: "Host") != nil else { throw .refusing(400, "Host is missing\n") }
        guard head.lists("websocket", in: "Upgrade"), head.lists("Upgrade", in: "Connection") else {
            throw .refusing(426, "WebSocket only\n")
        }
        guard head.value(of: "Sec-WebSocket-Version") == "13" else {
            throw .refusing(426, "WebSocket version 13 only\n")
        }
        guard let key = head.value(of: "Sec-WebSocket-Key"), Self.isKey(key) else {
            throw .refusing(400, "Sec-WebSocket-Key is missing or not 16 bytes\n")
        }
        path = String(parts[1])
        self.key = key
        fields = head.fields
    }

    /// 16 bytes are 22 characters and two signs of equality.
    private static func isKey(_ text: String) -> Bool {
        guard text.utf8.count == 24, text.hasSuffix("==") else { return false }
        return text.utf8.dropLast(2).allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "/")...UInt8(ascii: "9"): true
            default: character == UInt8(ascii: "+")
            }
        }
    }
}
