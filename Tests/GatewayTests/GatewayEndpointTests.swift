import Testing

@testable import Gateway

@Suite struct GatewayEndpointTests {
    @Test(
        "reads what people write",
        arguments: [
            ("ws://127.0.0.1:18789", "ws://127.0.0.1:18789"),
            ("http://127.0.0.1:18789/", "ws://127.0.0.1:18789"),
            ("WS://LocalHost:1", "ws://localhost:1"),
            ("ws://localhost", "ws://localhost:80"),
            ("ws://127.255.0.9:9", "ws://127.255.0.9:9"),
            ("ws://[::1]:18789/x", "ws://[::1]:18789/x"),
            ("wss://gateway.example", "wss://gateway.example:443"),
            ("https://Gateway.Example:65535", "wss://gateway.example:65535"),
            ("wss://[2001:db8::1]", "wss://[2001:db8::1]:443"),
            ("wss://[fe80::1%25eth0]:7/", "wss://[fe80::1%25eth0]:7"),
            ("wss://10.0.0.1:8443/openclaw-gw", "wss://10.0.0.1:8443/openclaw-gw"),
            ("wss://h/a/b?c=d#e", "wss://h:443/a/b?c=d"),
            ("wss://h?c=d", "wss://h:443/?c=d"),
            ("wss://h#e", "wss://h:443"),
        ])
    func good(_ text: String, _ written: String) throws {
        let endpoint = try GatewayEndpoint(text)
        #expect(endpoint.url == written)
        // What is written is read as the same: it is the key under which tokens are kept.
        #expect(try GatewayEndpoint(written) == endpoint)
    }

    @Test(
        "refuses what it cannot mean",
        arguments: [
            ("", EndpointError.scheme("")), ("gateway.example", .scheme("gateway.example")),
            ("ftp://h", .scheme("ftp://h")), ("://h", .scheme("://h")), (" wss://h", .scheme(" wss://h")),
            ("wss:/h", .scheme("wss:/h")),
            ("wss://", .host("the URL")), ("wss:///path", .host("the URL")), ("wss://:443", .host("the URL")),
            ("wss://[::1", .host("wss://[::1")), ("wss://a b", .host("ab")), ("wss://a\r\nb", .host("ab")),
            ("wss://g\u{202E}w.example", .host("gw.example")), ("wss://g\u{200B}w", .host("gw")),
            ("wss://+127.0.0.1", .host("+127.0.0.1")), ("wss://a;reboot", .host("a;reboot")),
            ("wss://$(reboot)", .host("$(reboot)")), ("wss://-oProxyCommand=x", .host("-oProxyCommand=x")),
            ("wss://h:", .port("")), ("wss://h:0", .port("0")), ("wss://h:65536", .port("65536")),
            ("wss://h:+80", .port("+80")), ("wss://h:-1", .port("-1")), ("wss://h:8 0", .port("8 0")),
            ("wss://h:80:90", .port("80:90")), ("wss://2001:db8::1", .port("db8::1")),
            ("wss://user:word@h", .credentials), ("wss://token@h:1/", .credentials),
            ("wss://h/a b", .path("/a b")), ("wss://h/a\r\nOrigin: x", .path("/a\r\nOrigin: x")),
        ])
    func bad(_ text: String, _ error: EndpointError) {
        #expect(throws: error) { try GatewayEndpoint(text) }
    }

    @Test(
        "plaintext goes to loopback only",
        arguments: [
            "gateway.example", "192.168.1.2", "10.0.0.1", "128.0.0.1", "127.0.0.1.example", "127.1",
            "localhost.example", "notlocalhost", "0.0.0.0", "gateway.local",
        ])
    func plaintext(_ host: String) throws {
        #expect(throws: EndpointError.plaintext(host: host)) { try GatewayEndpoint("ws://\(host):18789") }
        #expect(!(try GatewayEndpoint("wss://\(host):18789").isLoopback))
        #expect(EndpointError.plaintext(host: host).description.contains("ssh -N -L 18789:127.0.0.1:18789 \(host)"))
    }

    @Test(
        "where its owner allows it, plaintext goes to private addresses too, and to names that may turn out to be such",
        arguments: [
            ("192.168.1.2", true), ("10.0.0.1", true), ("172.16.0.1", true), ("172.32.0.1", false),
            ("169.254.1.1", true),
            ("100.64.0.1", true), ("100.128.0.1", false), ("[fd00::1]", true), ("[fe80::1%25eth0]", true),
            ("[2001:db8::1]", false), ("[::ffff:10.0.0.1]", true), ("[::ffff:8.8.8.8]", false), ("8.8.8.8", false),
            ("0.0.0.0", false), ("128.0.0.1", false), ("gateway.local", true), ("gateway.example", true),
            ("localhost", true),
        ])
    func privatePlaintext(_ host: String, _ isAllowed: Bool) throws {
        let endpoint = try? GatewayEndpoint("ws://\(host):18789", plaintext: .privateNetworks)  // nil: refused
        #expect((endpoint != nil) == isAllowed)
        let error = thrown(EndpointError.self) { try GatewayEndpoint("ws://\(host):18789") }
        #expect(
            error.map { $0.description.contains("--allow-plaintext-private") } ?? (host == "localhost") == isAllowed)
    }

    @Test("the zone of a link-local address is what sockets take, not what URLs write")
    func zone() throws {
        #expect(try GatewayEndpoint("wss://[fe80::1%25eth0]:7").address == "fe80::1%eth0")
        #expect(try GatewayEndpoint("wss://a%25b:7").address == "a%25b")
    }

    @Test("the pieces that options give make the same endpoint as the URL")
    func pieces() throws {
        let fromURL = try GatewayEndpoint("wss://gateway.example:18789/x")
        #expect(try GatewayEndpoint(isTLS: true, host: "Gateway.Example", path: "x") == fromURL)
        let loopback = try GatewayEndpoint(isTLS: false, host: "::1")
        #expect(loopback.authority == "[::1]:18789")
        #expect(loopback.isLoopback)
        #expect(throws: EndpointError.host("a/b")) { try GatewayEndpoint(isTLS: true, host: "a/b") }
        #expect(throws: EndpointError.port("0")) { try GatewayEndpoint(isTLS: true, host: "a", port: 0) }
    }

    @Test(
        "no message repeats a password", arguments: ["wss://bob:hunter2@h", "ws://hunter2@h:x", "wss://:hunter2@[::1"])
    func secrets(_ text: String) throws {
        let error = try #require(
            thrown(EndpointError.self) { try GatewayEndpoint(text) })
        #expect(!error.description.contains("hunter2"))
    }

    private static let places = [
        ("ws://127.0.0.1", "/health"), ("ws://127.0.0.1/ws", "/health"), ("wss://a.example/gate/", "/gate/health"),
        ("wss://a.example/gate/ws?x=1", "/gate/health"), ("wss://a.example/jaws", "/jaws/health"),
    ]

    @Test("the HTTP side is below what a proxy takes away, beside the WebSocket's path", arguments: places)
    func httpPath(_ sample: (url: String, path: String)) throws {
        #expect(try GatewayEndpoint(sample.url).path(ofHTTP: "/health") == sample.path)
    }
}
