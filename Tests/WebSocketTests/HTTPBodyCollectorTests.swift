import Testing

@testable import WebSocket

@Suite struct HTTPBodyCollectorTests {
    private func collector(_ fields: String, status: Int = 200, limit: Int = 10) throws -> HTTPBodyCollector {
        let head = try #require(HTTPHead(Array("HTTP/1.1 \(status) x\r\n\(fields)\r\n".utf8)))
        return try HTTPBodyCollector(of: head, status: status, limit: limit)
    }

    @Test(
        "pieces of any size make the same body",
        arguments: [
            ("Content-Length: 5\r\n", "helloX"),
            ("Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\nX"),
            ("Transfer-Encoding: Chunked\r\nContent-Length: 99\r\n", "5\nhello\n0\nA: b\n\n"),
        ])
    func pieces(_ fields: String, _ text: String) throws {
        for size in 1...text.utf8.count {
            var body = try collector(fields)
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                try body.take(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(body.isWhole)
            #expect(body.bytes == Array("hello".utf8))
        }
    }

    @Test("without a length the end of the connection is the end of the body, else it comes too early")
    func end() throws {
        var untold = try collector("")
        try untold.take([1, 2])
        #expect(!untold.isWhole)
        try untold.end()
        #expect(untold.isWhole)
        #expect(untold.bytes == [1, 2])
        for fields in ["Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"] {
            var body = try collector(fields)
            try body.take(Array("2".utf8))
            #expect(throws: WebSocketError.lost(nil)) { try body.end() }
        }
    }

    @Test("some answers have no body", arguments: [204, 304])
    func none(_ status: Int) throws {
        #expect(try collector("Content-Length: 5\r\n", status: status).isWhole)
        #expect(try collector("Content-Length: 0\r\n").isWhole)
    }

    @Test(
        "what cannot be the length of a body is not guessed at",
        arguments: [
            "Content-Length: -1\r\n", "Content-Length: +5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 99999999999999999999\r\n", "Content-Length: 11\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
        ])
    func lengths(_ fields: String) {
        #expect(throws: WebSocketError.self) { _ = try collector(fields) }
    }

    @Test(
        "chunks that are none, or are too many, end it",
        arguments: [
            "-1\r\n", "+1\r\nx\r\n", "x\r\n", "\r\n", "10000000000000000\r\n", "1\r\nxx\r\n", "b\r\nhello world\r\n",
            "5\r\nhello\r\n6\r\n world\r\n", String(repeating: "0", count: 2_000),
        ])
    func chunks(_ text: String) throws {
        var body = try collector("Transfer-Encoding: chunked\r\n")
        do throws(WebSocketError) {
            try body.take(Array(text.utf8))
            Issue.record("accepted")
        } catch {
            guard case .badAnswer = error else { throw error }
        }
    }
}
