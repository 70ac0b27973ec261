import NodeCrypto
import Testing

@testable import WebSocket

@Suite struct UpgradeRequestTests {
    private func head(_ text: String) throws -> HTTPHead {
        try #require(HTTPHead(Array(text.utf8)))
    }

    @Test("the request has what RFC 6455 asks for, what the target adds, and no Origin")
    func format() throws {
        let target = WebSocketTarget(host: "gw.test", port: 18_789, path: "/a?b=c", headers: [("X-Key", "v w")])
        let request = try UpgradeRequest(for: target)
        let expected = """
            GET /a?b=c HTTP/1.1\r
            Host: gw.test:18789\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: \(request.key)\r
            Sec-WebSocket-Version: 13\r
            X-Key: v w\r
            \r

            """
        #expect(String(decoding: try request.bytes, as: UTF8.self) == expected)
        #expect(try UpgradeRequest(for: target).key != request.key)
        #expect(request.value(of: "Origin") == nil)
    }

    @Test("usual ports are left out of Host, IPv6 gets brackets, and a path its slash")
    func host() throws {
        let tls = try TLSClientContext(trust: .pins([]))
        #expect(try UpgradeRequest(for: WebSocketTarget(host: "a", port: 80)).value(of: "host") == "a")
        #expect(try UpgradeRequest(for: WebSocketTarget(host: "a", port: 443)).value(of: "host") == "a:443")
        #expect(try UpgradeRequest(for: WebSocketTarget(host: "a", port: 443, tls: tls)).value(of: "host") == "a")
        #expect(try UpgradeRequest(for: WebSocketTarget(host: "::1", port: 1)).value(of: "host") == "[::1]:1")
        #expect(try UpgradeRequest(for: WebSocketTarget(host: "a", port: 1, path: "x")).path == "/x")
    }

    @Test("nothing can be smuggled into the request")
    func injection() {
        for target in [
            WebSocketTarget(host: "a\r\nX: y", port: 1), WebSocketTarget(host: "", port: 1),
            WebSocketTarget(host: "a", port: 1, path: "/ HTTP/1.1\r\nX: y"),
            WebSocketTarget(host: "a", port: 1, path: "/a b"),
            WebSocketTarget(host: "a", port: 1, headers: [("X", "a\r\nY: b")]),
            WebSocketTarget(host: "a", port: 1, headers: [("X: y\r\nZ", "a")]),
            WebSocketTarget(host: "a", port: 1, headers: [("", "a")]),
        ] {
            #expect(message { _ = try UpgradeRequest(for: target).bytes }.hasPrefix("this cannot be asked for: the "))
        }
    }

    static let good =
        "GET /p?q=1 HTTP/1.1\r\nHost: a\r\nupgrade: h2c, WebSocket\r\nConnection: keep-alive\r\nConnection:  UPGRADE \r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-A: 1\r\nx-a: 2\r\n\r\n"

    @Test("a client's request is read, whatever case and order its fields have, with LF alone as well")
    func read() throws {
        for text in [Self.good, Self.good.replacing("\r\n", with: "\n")] {
            let request = try UpgradeRequest(head(text))
            #expect(request.path == "/p?q=1")
            #expect(request.key == "dGhlIHNhbXBsZSBub25jZQ==")
            #expect(request.value(of: "X-A") == "1, 2")
        }
    }

    @Test(
        "what is no WebSocket request is answered with what is wrong",
        arguments: [
            ("GET ", "POST ", 405), ("HTTP/1.1", "HTTP/1.0", 405), ("HTTP/1.1", "", 400), ("Host", "Hoost", 400),
            ("WebSocket", "nothing", 426), ("UPGRADE", "close", 426), ("13", "8", 426), ("Version: 13", "V: 1", 426),
            ("dGhlIHNhbXBsZSBub25jZQ==", "short", 400), ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ!==", 400),
        ])
    func refused(_ part: String, _ replacement: String, _ status: Int) throws {
        let head = try head(Self.good.replacing(part, with: replacement))
        do throws(UpgradeResponse) {
            _ = try UpgradeRequest(head)
            Issue.record("accepted")
        } catch { #expect(error.status == status) }
    }

    @Test(
        "what is not HTTP is no head",
        arguments: [
            "", "\r\n", "GET / HTTP/1.1\r\nno colon\r\n", "GET /\r\n folded: x\r\n", "GET /\r\nA B: x\r\n", "\u{1}\r\n",
        ])
    func notHTTP(_ text: String) {
        #expect(HTTPHead(Array(text.utf8)) == nil)
    }
}

@Suite struct UpgradeResponseTests {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let good =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    private func response(_ text: String) throws -> UpgradeResponse {
        try UpgradeResponse(try #require(HTTPHead(Array(text.utf8))))
    }

    @Test("the accept value is that of RFC 6455 §1.3")
    func accept() throws {
        #expect(UpgradeResponse.accept(for: Self.key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        try response(Self.good).check(key: Self.key)
    }

    @Test("our own answer passes our own check")
    func own() throws {
        let bytes = UpgradeResponse.accepting(key: Self.key).bytes
        try response(String(decoding: bytes, as: UTF8.self)).check(key: Self.key)
    }

    @Test(
        "an answer to another key, another upgrade, or with things nobody asked for is refused",
        arguments: [
            ("s3pPLMBi", "S3pPLMBi"), ("Upgrade: WebSocket", "Upgrade: h2c"), (", Upgrade", ""),
            ("sec-websocket-accept", "x"),
            ("Connection:", "Sec-WebSocket-Extensions: permessage-deflate\r\nConnection:"),
            ("Connection:", "Sec-WebSocket-Protocol: chat\r\nConnection:"), (" 101 ", " 200 "),
        ])
    func refused(_ part: String, _ replacement: String) throws {
        let response = try response(Self.good.replacing(part, with: replacement))
        #expect(throws: WebSocketError.self) { try response.check(key: Self.key) }
    }

    @Test(
        "a status line that is none is refused",
        arguments: [
            "HTTP/1.0 101 x", "HTTP/2 101 x", "HTTP/1.1 1 x", "HTTP/1.1 99999 x", "HTTP/1.1", "ICY 200 OK", "x",
        ])
    func statusLine(_ line: String) throws {
        #expect(throws: WebSocketError.self) { try response(line + "\r\n\r\n") }
    }

    @Test("refusals say how long they are")
    func refusal() throws {
        let bytes = UpgradeResponse.refusing(503, "Gateway websocket handlers unavailable").bytes
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(text.hasSuffix("\r\n\r\nGateway websocket handlers unavailable"))
        var collector = HTTPHeadCollector()
        let head = try #require(try collector.take(bytes))
        #expect(try UpgradeResponse(head).contentLength == collector.takeRest().count)
    }

    @Test("a head is found wherever it is split, and what follows it is kept")
    func collector() throws {
        let bytes = Array(Self.good.utf8) + [0x81, 0x00]
        for split in 0...bytes.count {
            var collector = HTTPHeadCollector()
            var head = try collector.take(Array(bytes[..<split]))
            var rest = head == nil ? [] : collector.takeRest()
            if head == nil {
                head = try collector.take(Array(bytes[split...]))
                rest = collector.takeRest()
            } else {
                rest += bytes[split...]
            }
            #expect(head?.startLine == "HTTP/1.1 101 Switching Protocols")
            #expect(rest == [0x81, 0x00])
        }
    }

    @Test("a head without an end is refused at 16 KiB")
    func endless() throws {
        var collector = HTTPHeadCollector()
        let piece = Array("X-Padding: \(String(repeating: "a", count: 1_011))\r\n".utf8)
        for _ in 0..<16 { #expect(try collector.take(piece) == nil) }
        #expect(throws: WebSocketError.badUpgrade("a head of more than 16 KiB")) { try collector.take(piece) }
    }
}

/// What the error of `body` says; empty: it threw none.
func message(of body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
}
