import LinuxIO
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

/// Connections through other people's proxies, by Debian's packages tinyproxy-bin and microsocks.
@Suite(.timeLimit(.minutes(5))) struct TunnelTests {
    enum Kind: String, CaseIterable, Sendable {
        case tinyproxy, microsocks

        var scheme: String { self == .tinyproxy ? "http" : "socks5h" }
    }

    /// Runs `body` beside a proxy that wants these credentials, if any.
    private func beside(
        _ kind: Kind, user: String? = nil, _ body: @escaping @Sendable (ForeignServer) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            try await ForeignServer.run(
                "/usr/bin/\(kind.rawValue)", on: loop,
                arguments: { port, folder in
                    switch kind {
                    case .tinyproxy:
                        let lines = [
                            "Port \(port)", "Listen 127.0.0.1", "MaxClients 50", "LogLevel Critical",
                            "PidFile \"\(folder.file("pid"))\"", user.map { "BasicAuth \($0) secret" } ?? "",
                        ]
                        let text = lines.joined(separator: "\n") + "\n"
                        try StateFile.write(folder.file("conf"), Array(text.utf8), durable: false)
                        return ["-d", "-c", folder.file("conf")]
                    case .microsocks:
                        return ["-i", "127.0.0.1", "-p", "\(port)"] + (user.map { ["-u", $0, "-P", "secret"] } ?? [])
                    }
                }, body)
        }
    }

    private func proxy(_ kind: Kind, _ server: ForeignServer, user: String? = nil) throws -> Proxy {
        try Proxy("\(kind.scheme)://\(user.map { "\($0)@" } ?? "")127.0.0.1:\(server.port)")
    }

    @Test("a WebSocket goes through, and the proxy finds the name's address", arguments: Kind.allCases)
    func through(_ kind: Kind) async throws {
        try await beside(kind) { server in
            let proxy = try proxy(kind, server)
            for transport in ConnectedPair.Transport.allCases {
                try await PeerServer.run(.websockets, transport) { peer in
                    var target = try ConnectedPair.target(transport, port: peer.port)
                    target.path = "/echo"
                    target.proxy = proxy
                    for host in ["127.0.0.1", "localhost"] {
                        target.host = host
                        let connection = try await WebSocketConnection.connect(
                            to: target, on: peer.loop, maxMessage: 1 << 20, timeout: .seconds(30))
                        let text = sampleText(300_000)
                        try await connection.send(.text(text))
                        #expect(try await connection.receive() == .text(text))
                        await connection.close(.normal, reason: "")
                    }
                    // Nobody here has to know the name.
                    target.host = "gateway.invalid"
                    let error = await failure(to: target, on: peer.loop)
                    guard case .proxy(proxy.description, .refused) = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                }
            }
        }
    }

    @Test("an HTTP exchange goes through", arguments: Kind.allCases)
    func exchange(_ kind: Kind) async throws {
        try await beside(kind) { server in
            let proxy = try proxy(kind, server)
            try await PeerServer.run(.http, .tls) { peer in
                var target = try ConnectedPair.target(.tls, port: peer.port)
                target.proxy = proxy
                let answer = try await HTTPExchange.perform(
                    .get("/chunked"), at: target, on: peer.loop, timeout: .seconds(30))
                #expect(answer.body == Array("hello".utf8))
            }
        }
    }

    @Test("a user and a password let us through, and others or none do not", arguments: Kind.allCases)
    func credentials(_ kind: Kind) async throws {
        try await beside(kind, user: "bob") { server in
            for user in ["bob:wrong", nil] {
                let proxy = try proxy(kind, server, user: user)
                let target = WebSocketTarget(host: "127.0.0.1", port: 1, proxy: proxy)
                let error = await failure(to: target, on: server.loop)
                #expect(error == .proxy(proxy.description, .credentials))
                #expect(error?.description.contains("wrong") == false)
            }
            let right = try proxy(kind, server, user: "bob:secret")
            try await PeerServer.run(.websockets, .plain) { peer in
                var target = try ConnectedPair.target(.plain, port: peer.port)
                target.proxy = right
                let connection = try await WebSocketConnection.connect(
                    to: target, on: peer.loop, maxMessage: 1_000, timeout: .seconds(30))
                await connection.close(.normal, reason: "")
            }
        }
    }

    @Test(
        "a proxy that asks only for what is not spoken here is told from one that wants a user and a password",
        arguments: [
            ("NTLM", .unspoken(["NTLM"])), ("Negotiate\r\nProxy-Authenticate: NTLM", .unspoken(["Negotiate", "NTLM"])),
            ("NTLM, basic realm=\"a, b\"", .credentials), ("Digest realm=\"x\", qop=\"auth\"", .unspoken(["Digest"])),
            ("", .credentials),
        ] as [(String, ProxyFault)])
    func kinds(offer: String, fault: ProxyFault) async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            let proxy = try Proxy("127.0.0.1:\(listener.port)")
            async let outcome = failure(to: WebSocketTarget(host: "gateway.invalid", port: 1, proxy: proxy), on: loop)
            let peer = RawPeer(socket: try await listener.accept())
            _ = try await peer.read()
            try await peer.write(Array("HTTP/1.1 407 x\r\nProxy-Authenticate: \(offer)\r\n\r\n".utf8))
            #expect(await outcome == .proxy(proxy.description, fault))
        }
    }

    @Test("a port behind the proxy where nobody listens is the proxy's to tell", arguments: Kind.allCases)
    func refused(_ kind: Kind) async throws {
        try await beside(kind) { server in
            let proxy = try proxy(kind, server)
            let held = try HeldPort()
            let error = await failure(
                to: WebSocketTarget(host: "127.0.0.1", port: held.number, proxy: proxy), on: server.loop)
            guard case .proxy(proxy.description, .refused(let words)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!words.isEmpty)
            withExtendedLifetime(held) {}
        }
    }

    @Test("a proxy that is not there, or none, is not mistaken for the gateway")
    func notThere() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            for scheme in ["http", "socks5h"] {
                let proxy = try Proxy("\(scheme)://127.0.0.1:\(listener.port)")
                async let outcome = failure(
                    to: WebSocketTarget(host: "gateway.invalid", port: 1, proxy: proxy), on: loop)
                let peer = RawPeer(socket: try await listener.accept())
                _ = try await peer.read()
                try await peer.write(Array("SSH-2.0-OpenSSH\r\n\r\n".utf8))
                guard case .proxy(proxy.description, .malformed) = await outcome else {
                    Issue.record("no proxy")
                    continue
                }
            }
            let port = listener.port
            listener.close()
            let proxy = try Proxy("127.0.0.1:\(port)")
            let error = await failure(to: WebSocketTarget(host: "gateway.invalid", port: 1, proxy: proxy), on: loop)
            guard case .proxy(proxy.description, .unreachable) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a wrong pin is refused behind a proxy as well, before a byte of HTTP")
    func pin() async throws {
        try await beside(.tinyproxy) { server in
            let proxy = try proxy(.tinyproxy, server)
            let witness = try TLSWitness(on: server.loop)
            let pin = try CertificatePin(String(repeating: "0", count: 64))
            let target = WebSocketTarget(
                host: "127.0.0.1", port: witness.port, tls: try TLSClientContext(trust: .pins([pin])), proxy: proxy)
            async let testimony = witness.hear()
            guard case .tls(.pinMismatch(let presented)) = await failure(to: target, on: server.loop) else {
                Issue.record("no mismatch")
                return
            }
            #expect(presented.fingerprint == witness.fingerprint)
            #expect(try await testimony.request == "")
        }
    }
}

/// The error of a connection to `target`.
func failure(to target: WebSocketTarget, on loop: EventLoop) async -> WebSocketError? {
    await failure { () async throws(WebSocketError) in
        try await WebSocketConnection.connect(to: target, on: loop, maxMessage: 1_000, timeout: .seconds(30))
    }
}
