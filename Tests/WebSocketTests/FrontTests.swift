import LinuxIO
import NodeCrypto
import NodeTesting
import Testing

@testable import WebSocket

/// A gateway behind Debian's nginx, which ends TLS, has a path of its own for it, redirects and fails.
@Suite(.timeLimit(.minutes(5))) struct FrontTests {
    private struct Front: Sendable {
        let port: UInt16
        let loop: EventLoop

        func target(_ path: String, headers: [(String, String)] = []) throws -> WebSocketTarget {
            var target = try ConnectedPair.target(.tls, port: port)
            target.path = path
            target.headers = headers
            return target
        }
    }

    /// Runs `body` beside an nginx before an echo server of Python's.
    private func behind(_ body: @escaping @Sendable (Front) async throws -> Void) async throws {
        try await PeerServer.run(.websockets, .plain) { upstream in
            let certificate = try TemporaryCertificate()
            try await ForeignServer.run(
                "/usr/sbin/nginx", on: upstream.loop,
                arguments: { port, folder in
                    let text = Self.configuration(port, upstream.port, certificate.path, folder)
                    try StateFile.write(folder.file("nginx.conf"), Array(text.utf8), durable: false)
                    return ["-c", folder.file("nginx.conf"), "-p", folder.path, "-e", "stderr"]
                }
            ) { server in try await body(Front(port: server.port, loop: server.loop)) }
        }
    }

    private static func configuration(
        _ port: UInt16, _ upstream: UInt16, _ certificate: String, _ folder: ScratchFolder
    ) -> String {
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        let upgrade = """
            proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
            """
        return """
            daemon off; master_process off; pid \(folder.file("pid")); error_log stderr crit;
            events { }
            http {
              access_log off;
              \(kinds.map { "\($0)_temp_path \(folder.file($0));" }.joined(separator: " "))
              server {
                listen 127.0.0.1:\(port) ssl; ssl_certificate \(certificate); ssl_certificate_key \(certificate);
                location /gateway/ { proxy_pass http://127.0.0.1:\(upstream)/; \(upgrade) }
                location = /moved { return 302 /gateway/echo; }
                location = /whole { return 307 https://127.0.0.1:\(port)/moved; }
                location = /circle { return 301 /circle; }
                location = /away { return 302 https://elsewhere.invalid/login?secret; }
                location = /clear { return 302 http://127.0.0.1:\(port)/gateway/echo; }
                location = /down { proxy_pass http://127.0.0.1:1/; \(upgrade) }
                location /edge/ {
                  if ($http_cf_access_client_id != id) { return 302 https://team.cloudflareaccess.com/login; }
                  if ($http_cf_access_client_secret != secret) { return 403; }
                  proxy_pass http://127.0.0.1:\(upstream)/; \(upgrade)
                }
                location = /edge-moved { return 302 /edge/echo; }
              }
            }

            """
    }

    private func expectEcho(_ target: WebSocketTarget, on loop: EventLoop) async throws {
        let connection = try await WebSocketConnection.connect(
            to: target, on: loop, maxMessage: 1 << 20, timeout: .seconds(30))
        let text = sampleText(200_000)
        try await connection.send(.text(text))
        #expect(try await connection.receive() == .text(text))
        await connection.close(.normal, reason: "")
    }

    @Test("a gateway under a path is reached through TLS that somebody else ends, and where it redirects to")
    func paths() async throws {
        try await behind { front in
            for path in ["/gateway/echo", "/moved", "/whole"] {
                try await expectEcho(try front.target(path), on: front.loop)
            }
        }
    }

    @Test("no redirect leads to another server, out of TLS, or around for ever")
    func redirects() async throws {
        try await behind { front in
            for (path, error) in [
                ("/away", WebSocketError.redirected(to: "https://elsewhere.invalid")),
                ("/clear", .redirected(to: "http://127.0.0.1:\(front.port)")),
                ("/circle", .badUpgrade("the server redirects in circles")),
            ] {
                let target = try front.target(path)
                #expect(await failure(to: target, on: front.loop) == error)
            }
        }
    }

    @Test("a gateway that is down behind its front is told with the front's words")
    func down() async throws {
        try await behind { front in
            guard case .upgradeRefused(502, let body) = await failure(to: try front.target("/down"), on: front.loop)
            else {
                Issue.record("no refusal")
                return
            }
            #expect(body.contains("502 Bad Gateway"))
        }
    }

    @Test("what the edge wants to know is sent with the request, and not after a redirect")
    func edge() async throws {
        try await behind { front in
            let headers = [("CF-Access-Client-Id", "id"), ("CF-Access-Client-Secret", "secret")]
            try await expectEcho(try front.target("/edge/echo", headers: headers), on: front.loop)
            let without = await failure(to: try front.target("/edge/echo"), on: front.loop)
            #expect(without == .redirected(to: "https://team.cloudflareaccess.com"))
            let moved = await failure(to: try front.target("/edge-moved", headers: headers), on: front.loop)
            guard case .upgradeRefused(302, _) = moved else {
                Issue.record("\(String(describing: moved))")
                return
            }
        }
    }
}
