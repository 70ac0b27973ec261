import NodeCore
import NodeCrypto

/// What a server says to a request that it looked at.
package enum UpgradeAnswer: Sendable, Equatable {
    case accept
    case refuse(status: Int, body: String)
}

/// What a server says to who asks for something and no upgrade.
package struct HTTPPage: Sendable {
    package let status: Int
    package let json: String

    package init(status: Int, json: String) {
        self.status = status
        self.json = json
    }
}

/// The HTTP response to an `UpgradeRequest` (RFC 6455 §4.2.2), as a server writes and a client reads it.
struct UpgradeResponse: Error, Equatable, Sendable {
    let status: Int
    private let head: HTTPHead?
    private let text: String

    // MARK: Server

    static func accepting(key: String) -> UpgradeResponse {
        UpgradeResponse(
            status: 101,
            text: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(accept(for: key))\r\n\r\n")
    }

    static func refusing(_ status: Int, _ body: String) -> UpgradeResponse {
        // 426 must name what to upgrade to (RFC 9110 §15.5.22).
        let extra = status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : ""
        return UpgradeResponse(
            status: status,
            text: "HTTP/1.1 \(status) \(reason(status))\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\(extra)\r\n\(body)")
    }

    static func page(_ page: HTTPPage) -> UpgradeResponse {
        UpgradeResponse(
            status: page.status,
            text: "HTTP/1.1 \(page.status) \(reason(page.status))\r\nContent-Type: application/json; charset=utf-8\r\n"
                + "Cache-Control: no-store\r\nContent-Length: \(page.json.utf8.count)\r\nConnection: close\r\n\r\n\(page.json)"
        )
    }

    private init(status: Int, text: String) {
        self.status = status
        self.text = text
        head = nil
    }

    var bytes: [UInt8] { Array(text.utf8) }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        default: "Refused"
        }
    }

    // MARK: Client

    init(_ head: HTTPHead) throws(WebSocketError) {
        let parts = head.startLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1].utf8.count == 3, let status = Int(parts[1]),
            (100...599).contains(status)
        else { throw .badUpgrade("the answer is not HTTP") }
        guard status != 101 || parts[0] == "HTTP/1.1" else { throw .badUpgrade("an upgrade with \(parts[0])") }
        self.status = status
        self.head = head
        text = ""
    }

    /// Whether another response follows this one on its own (RFC 9110 §15.2).
    var isInterim: Bool { (100...199).contains(status) && status != 101 }

    /// Bytes of body that were announced; nil also for what cannot be their number.
    var contentLength: Int? { head?.value(of: "Content-Length").flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 } }

    var location: String? { head?.value(of: "Location") }

    /// Throws unless this is the 101 to the request with `key`, without anything that was not asked for.
    func check(key: String) throws(WebSocketError) {
        guard let head, status == 101 else { throw .badUpgrade("HTTP \(status)") }
        guard head.lists("websocket", in: "Upgrade"), head.lists("Upgrade", in: "Connection") else {
            throw .badUpgrade("the answer upgrades to something else")
        }
        guard head.value(of: "Sec-WebSocket-Accept") == Self.accept(for: key) else {
            throw .badUpgrade("Sec-WebSocket-Accept is not the one for our key")
        }
        for name in ["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"] where head.value(of: name) != nil {
            throw .badUpgrade("\(name) in the answer, without having been asked for")
        }
    }

    static func accept(for key: String) -> String {
        let digest = Digest.sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return String(decoding: Base64.encode(digest), as: UTF8.self)
    }
}
