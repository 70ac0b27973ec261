import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

@Suite struct HTTPExchangeTests {
    private struct Server: Sendable {
        let target: WebSocketTarget
        let loop: EventLoop

        func ask(
            _ request: HTTPRequest, maxAnswer: Int = 1_000, timeout: Duration = .seconds(60)
        ) async throws(WebSocketError) -> HTTPAnswer {
            try await HTTPExchange.perform(request, at: target, on: loop, maxAnswer: maxAnswer, timeout: timeout)
        }

        func text(_ path: String) async throws -> String {
            String(decoding: try await ask(.get(path)).body, as: UTF8.self)
        }
    }

    /// Runs `body` with Python's own server.
    private func withServer(
        _ transport: ConnectedPair.Transport = .plain, _ body: @escaping @Sendable (Server) async throws -> Void
    ) async throws {
        try await PeerServer.run(.http, transport) { server in
            let target = try ConnectedPair.target(transport, port: server.port)
            try await body(Server(target: target, loop: server.loop))
        }
    }

    @Test(
        "a body is read whole, however its length is told", arguments: ["/length", "/chunked", "/end"],
        ConnectedPair.Transport.allCases)
    func framings(_ path: String, _ transport: ConnectedPair.Transport) async throws {
        try await withServer(transport) { server in
            let answer = try await server.ask(.get(path))
            #expect(answer.status == 200)
            #expect(answer.body == Array("hello".utf8))
            #expect(answer.value(of: "server")?.hasPrefix("BaseHTTP") == true)
        }
    }

    @Test("a status that is no success is an answer too", arguments: [201, 404, 410, 502])
    func statuses(_ status: Int) async throws {
        try await withServer { server in
            let answer = try await server.ask(.get("/status/\(status)"))
            #expect(answer.status == status)
            #expect(answer.body == Array("so be it\n".utf8))
        }
    }

    @Test("a body that ends early, is too long or does not come is no answer")
    func bounded() async throws {
        try await withServer { server in
            await #expect(throws: WebSocketError.lost(nil)) { try await server.ask(.get("/early")) }
            for path in ["/large", "/length", "/chunked"] {
                await #expect(throws: WebSocketError.badAnswer("it is longer than 4 bytes")) {
                    try await server.ask(.get(path), maxAnswer: 4)
                }
            }
            await #expect(throws: WebSocketError.timedOut("the answer of 127.0.0.1")) {
                try await server.ask(.get("/stall"), timeout: .milliseconds(300))
            }
        }
    }

    @Test("redirects are followed at the same server only, and not in circles")
    func redirects() async throws {
        try await withServer { server in
            for path in ["/here", "/whole", "/folder/near"] { #expect(try await server.text(path) == "hello") }
            await #expect(throws: WebSocketError.badAnswer("it redirects in circles")) {
                try await server.ask(.get("/circle"))
            }
            let away = await failure { () async throws(WebSocketError) in try await server.ask(.get("/away")) }
            #expect(away == .redirected(to: "https://elsewhere.test"))
            #expect(away?.description.contains("secret") == false)
            let posted = try await server.ask(.post("/here", .json(Array("{}".utf8))))
            #expect(posted.status == 307, "what is posted is posted once")
        }
    }

    @Test("the request has the fields of its target and its own, and neither Origin nor User-Agent")
    func fields() async throws {
        try await withServer { server in
            var server = server
            server = Server(
                target: WebSocketTarget(host: "127.0.0.1", port: server.target.port, headers: [("X-Edge", "e")]),
                loop: server.loop)
            let answer = try await server.ask(.get("/fields", fields: [("Authorization", "Bearer b")]))
            let sent = try JSON.decode([String: String].self, from: answer.body)
            #expect(
                sent == [
                    "Host": "127.0.0.1:\(server.target.port)", "Accept": "application/json", "Connection": "close",
                    "X-Edge": "e", "Authorization": "Bearer b",
                ])
        }
    }

    private struct Echo: Decodable, Equatable {
        var type: String
        var count: Int
        var sha256: String
    }

    @Test(
        "what is posted arrives byte by byte, from memory or from a file",
        arguments: ConnectedPair.Transport.allCases)
    func posting(_ transport: ConnectedPair.Transport) async throws {
        try await withServer(transport) { server in
            let json = Array(#"{"a":1}"#.utf8)
            let first = try await server.ask(.post("/echo", .json(json)))
            #expect(try JSON.decode(Echo.self, from: first.body) == echo("application/json", json))

            let file = try MemoryFile(name: "upload")
            let content = sampleText(3 << 20)
            try file.append(content)
            try file.seal()
            let body = HTTPRequest.Body.streamed(
                type: "multipart/form-data; boundary=b", head: [1, 2], file: file, tail: [3])
            let second = try await server.ask(.post("/echo", body))
            #expect(
                try JSON.decode(Echo.self, from: second.body)
                    == echo("multipart/form-data; boundary=b", [1, 2] + content + [3]))
        }
    }

    private func echo(_ type: String, _ body: [UInt8]) -> Echo {
        Echo(type: type, count: body.count, sha256: Hexadecimal.text(Digest.sha256(body)))
    }

    @Test("a server that refuses a long body without reading it is heard")
    func refusedEarly() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let target = WebSocketTarget(host: "127.0.0.1", port: listener.port)
            let file = try MemoryFile(name: "upload")
            try file.append([UInt8](repeating: 0, count: 32 << 20))
            async let answer = HTTPExchange.perform(
                .post("/", .streamed(type: "x/y", head: [], file: file, tail: [])), at: target, on: loop,
                timeout: .seconds(60))
            let peer = RawPeer(socket: try await listener.accept())
            // More than the kernels' queues take is never read.
            _ = try await peer.read()
            try await peer.write(Array("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno".utf8))
            #expect(try await answer.status == 413)
        }
    }

    @Test("what would not stay in its line is not sent")
    func injection() async throws {
        try await onEventLoop { loop in
            let server = Server(target: WebSocketTarget(host: "127.0.0.1", port: 1), loop: loop)
            for request in [
                HTTPRequest.get("/a b"), .get("/a\r\nX: y"), .get("/", fields: [("A", "b\r\nC: d")]),
                .get("/", fields: [("A: b", "c")]),
            ] {
                let error = await failure { () async throws(WebSocketError) in try await server.ask(request) }
                guard case .badRequest = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test("a request does not tell its path or body")
    func discretion() {
        #expect("\(HTTPRequest.get("/j/secret"))" == "GET …")
        #expect("\(HTTPRequest.post("/j/secret", .json([1])))" == "POST …")
    }
}
