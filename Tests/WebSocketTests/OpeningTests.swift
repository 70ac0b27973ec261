import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

@Suite struct OpeningTests {
    /// The error of a connection to a server that answers the request with `answer`.
    private func error(
        answering answer: @escaping @Sendable (UpgradeRequest) -> String, thenClosing: Bool = true,
        timeout: Duration = .seconds(20)
    ) async throws -> WebSocketError? {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            async let outcome = Self.connect(
                to: WebSocketTarget(host: "127.0.0.1", port: listener.port), on: loop, timeout: timeout)
            let peer = RawPeer(socket: try await listener.accept())
            let request = try await peer.readRequest()
            try await peer.write(Array(answer(request).utf8))
            if thenClosing { peer.socket.shutdownWrite() }
            return await outcome
        }
    }

    static func connect(
        to target: WebSocketTarget, on loop: EventLoop, timeout: Duration = .seconds(60)
    ) async -> WebSocketError? {
        await failure { () async throws(WebSocketError) in
            try await WebSocketConnection.connect(to: target, on: loop, maxMessage: 1_000, timeout: timeout)
        }
    }

    @Test("a refusal is told with its status and body")
    func refusal() async throws {
        let body = "Gateway websocket handlers unavailable"
        let error = try await error { _ in
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: \(body.count)\r\n\r\n\(body)and more"
        }
        #expect(error == .upgradeRefused(status: 503, body: body))
    }

    @Test("what a server says to a request with a secret in it may repeat it, and is not kept") func telltale()
        async throws
    {
        try await onEventLoop { loop in
            for (path, headers) in [("/?token=hush", []), ("/", [("CF-Access-Client-Secret", "hush")])] {
                let listener = try TCPListener(address: .loopback(port: 0), on: loop)
                async let outcome = Self.connect(
                    to: WebSocketTarget(host: "127.0.0.1", port: listener.port, path: path, headers: headers), on: loop)
                let peer = RawPeer(socket: try await listener.accept())
                _ = try await peer.readRequest()
                try await peer.write(Array("HTTP/1.1 404 Not Found\r\n\r\nhush".utf8))
                peer.socket.shutdownWrite()
                #expect(await outcome == .upgradeRefused(status: 404, body: ""))
            }
        }
    }

    /// A body, and what is said of it.
    private static let gists: [(String, String)] =
        [
            ("", ""), ("\n  \n", ""), ("no\nmore", ": no"), ("{\"error\":1}", ": {\"error\":1}"),
            ("\n<!DOCTYPE html>\n<html><head><title>\n 502 Bad Gateway</title><body>x", ": 502 Bad Gateway"),
            ("<html><TITLE>Gone</TITLE>", ": Gone"), ("<html><title>", ""), ("<html>what else", ""),
            (String(repeating: "x", count: 121), ": " + String(repeating: "x", count: 119) + "…"),
        ] as [(String, String)]

    @Test("of a body that somebody is to read there is a line", arguments: gists)
    func gist(body: String, words: String) {
        let error = WebSocketError.upgradeRefused(status: 502, body: body)
        #expect(error.description == "the server answered HTTP 502" + words)
    }

    @Test("a length that is none does no harm", arguments: ["-1", "18446744073709551615", "many"])
    func oddLength(_ length: String) async throws {
        let error = try await error { _ in "HTTP/1.1 502 Bad Gateway\r\nContent-Length: \(length)\r\n\r\nno" }
        #expect(error == .upgradeRefused(status: 502, body: "no"))
    }

    @Test("of a long body the first 2 KiB are kept, of one that stalls what came within a second")
    func bodies() async throws {
        let long = String(repeating: "x", count: 10_000)
        let first = try await error { _ in "HTTP/1.1 502 Bad Gateway\r\n\r\n\(long)" }
        #expect(first == .upgradeRefused(status: 502, body: String(long.prefix(2_048))))
        let stalled = try await error(
            answering: { _ in "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100\r\n\r\nhalf" }, thenClosing: false)
        #expect(stalled == .upgradeRefused(status: 502, body: "half"))
    }

    @Test("a length that no body can have is as good as none", arguments: ["-5", "+", "many", "9223372036854775808"])
    func impossibleLength(_ length: String) async throws {
        let error = try await error { _ in "HTTP/1.1 502 Bad Gateway\r\nContent-Length: \(length)\r\n\r\nbody" }
        #expect(error == .upgradeRefused(status: 502, body: "body"))
    }

    @Test("an interim response is passed over")
    func interim() async throws {
        let error = try await error { request in
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + String(decoding: UpgradeResponse.accepting(key: request.key).bytes, as: UTF8.self)
        }
        #expect(error == nil)
    }

    @Test(
        "what is no WebSocket server is said to be none",
        arguments: ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"])
    func notWebSocket(_ answer: String) async throws {
        let error = try await error { _ in answer }
        guard case .badUpgrade(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("a server that ends or stays silent is not waited for")
    func silence() async throws {
        #expect(try await error { _ in "HTTP/1.1 101 Swit" } == .lost(nil))
        let silent = try await error(answering: { _ in "" }, thenClosing: false, timeout: .milliseconds(50))
        #expect(silent == .timedOut("connecting to 127.0.0.1"))
    }

    @Test("a message right behind the server's answer is not lost")
    func earlyMessage() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let target = WebSocketTarget(host: "127.0.0.1", port: listener.port)
            async let opened = WebSocketConnection.connect(
                to: target, on: loop, maxMessage: 1_000, timeout: .seconds(20))
            let peer = RawPeer(socket: try await listener.accept())
            let request = try await peer.readRequest()
            let message = frame(0x81, Array("early".utf8), to: .client)
            try await peer.write(UpgradeResponse.accepting(key: request.key).bytes + message)
            #expect(try await opened.receive() == .text(Array("early".utf8)))
        }
    }

    @Test("a port nobody listens on is unreachable, a name without an address has none")
    func unreachable() async throws {
        try await onEventLoop { loop in
            let held = try HeldPort()
            let refused = await Self.connect(to: WebSocketTarget(host: "127.0.0.1", port: held.number), on: loop)
            #expect(refused == .unreachable(Errno(ECONNREFUSED), .loopback(port: held.number)))
            let unknown = await Self.connect(to: WebSocketTarget(host: "nowhere.invalid", port: 1), on: loop)
            guard case .resolution(let reason) = unknown else {
                Issue.record("\(String(describing: unknown))")
                return
            }
            #expect(reason.hasPrefix("nowhere.invalid: "))
        }
    }

    @Test("a name with several addresses is reached at the one that answers")
    func severalAddresses() async throws {
        try await onEventLoop { loop in
            // localhost is ::1 as well on most machines, and only 127.0.0.1 listens.
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            async let socket = listener.accept()
            let connected = try await Dialer.connect(to: "localhost", port: listener.port, on: loop)
            #expect(connected.peer == .loopback(port: listener.port))
            _ = try await socket
        }
    }

    @Test("what is to stay near does not go far, by whatever name")
    func reach() async throws {
        try await onEventLoop { loop in
            for (host, reach) in [
                ("203.0.113.1", Reach.privateNetworks), ("2001:db8::1", .privateNetworks), ("192.168.1.1", .loopback),
            ] {
                let target = WebSocketTarget(host: host, port: 1, reach: reach)
                let address = try #require(SocketAddress.literal(host, port: 1))
                #expect(await Self.connect(to: target, on: loop) == .tooFar(host, address))
            }
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            _ = try await Dialer.connect(to: "localhost", port: listener.port, within: .loopback, on: loop)
        }
    }

    @Test("a server can refuse, seeing path and headers")
    func decide() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let target = WebSocketTarget(
                host: "127.0.0.1", port: listener.port, path: "/gw?x=1", headers: [("X-Token", "secret")])
            async let outcome = Self.connect(to: target, on: loop)
            let socket = try await listener.accept()
            await #expect(throws: WebSocketError.upgradeRefused(status: 403, body: "no")) {
                try await WebSocketConnection.accept(socket, tls: nil, on: loop, maxMessage: 1) { request in
                    let isRight = request.path == "/gw?x=1" && request.value(of: "x-token") == "secret"
                    return isRight ? .refuse(status: 403, body: "no") : .accept
                }
            }
            #expect(await outcome == .upgradeRefused(status: 403, body: ""))
        }
    }

    @Test(
        "a TLS server that says in HTTP that it wants none is known all the same, a plain one that says so is not taken for one"
    )
    func badRequestToClient() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            for isTLS in [true, false] {
                async let outcome = Self.connect(
                    to: WebSocketTarget(host: "127.0.0.1", port: listener.port), on: loop)
                let first = RawPeer(socket: try await listener.accept())
                _ = try await first.readRequest()
                try await first.write(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno".utf8))
                let context = try ConnectedPair.serverContext(.tls)
                let second = try await listener.accept()
                if isTLS {
                    await #expect(throws: WebSocketError.self, "having shaken hands, it leaves") {
                        try await WebSocketConnection.accept(second, tls: context, on: loop, maxMessage: 1) { _ in
                            .accept
                        }
                    }
                } else {
                    second.close()
                }
                let refusal = WebSocketError.upgradeRefused(status: 400, body: "no")
                #expect(await outcome == (isTLS ? .speaksTLS(refusal.description) : refusal))
            }
        }
    }

    @Test("a request that is none is answered with what is wrong")
    func badRequest() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            async let accepted = listener.accept()
            let client = RawPeer(socket: try await StreamSocket.connect(to: .loopback(port: listener.port), on: loop))
            try await client.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            let socket = try await accepted
            await #expect(throws: WebSocketError.badUpgrade("answered 426 to GET / HTTP/1.1")) {
                try await WebSocketConnection.accept(socket, tls: nil, on: loop, maxMessage: 1) { _ in .accept }
            }
            let answer = try await client.readToTheEnd()
            #expect(String(decoding: answer.bytes, as: UTF8.self).hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
        }
    }
}
