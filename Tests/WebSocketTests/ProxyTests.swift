import Testing

@testable import WebSocket

@Suite struct ProxyTests {
    @Test(
        "reads what people write",
        arguments: [
            ("http://proxy.test:3128", "http://proxy.test:3128"), ("proxy.test:3128/", "http://proxy.test:3128"),
            ("HTTP://proxy.test", "http://proxy.test:80"), ("socks5h://[::1]:9050", "socks5h://[::1]:9050"),
            ("socks5://10.0.0.1", "socks5h://10.0.0.1:1080"), ("http://u:p@proxy.test:1", "http://proxy.test:1"),
        ])
    func good(_ text: String, _ written: String) throws {
        #expect(try Proxy(text).description == written)
    }

    @Test("user and password are without the escapes of a URL, and are not shown")
    func credentials() throws {
        let proxy = try Proxy("http://bob%40x:p%3Aw:d%@proxy.test:1")
        #expect(proxy.credentials?.user == "bob@x")
        #expect(proxy.credentials?.password == "p:w:d%")
        #expect(proxy.credentials?.basic == "Basic Ym9iQHg6cDp3OmQl")
        #expect(!"\(proxy)".contains("bob"))
        #expect(try Proxy("http://bob@proxy.test").credentials?.password == "")
    }

    @Test(
        "refuses what it cannot mean",
        arguments: [
            ("https://proxy.test", ProxyError.scheme("https")), ("socks4://proxy.test", .scheme("socks4")), ("", .host),
            ("http://", .host), ("http://[::1", .host), ("http://a b", .host), ("http://a:0", .port), ("a:+1", .port),
            ("a:65536", .port), ("[::1]1", .port),
        ])
    func bad(_ text: String, _ error: ProxyError) {
        #expect(throws: error) { try Proxy(text) }
    }
}

@Suite struct SOCKS5ClientTests {
    private func client(
        to host: String = "gw.test", _ proxy: String = "socks5h://proxy.test"
    ) throws -> SOCKS5Client {
        try SOCKS5Client(to: host, port: 0x1234, as: Proxy(proxy).credentials)
    }

    @Test("a name is left to the proxy, an address is said as one")
    func places() throws {
        for (host, place) in [
            ("gw.test", [3, 7] + Array("gw.test".utf8)), ("192.0.2.1", [1, 192, 0, 2, 1]),
            ("::1", [4] + [UInt8](repeating: 0, count: 15) + [1]),
        ] {
            var client = try client(to: host)
            #expect(client.greeting == [5, 1, 0] && client.wanted == 2)
            #expect(try client.take([5, 0]) == .send([5, 1, 0] + place + [0x12, 0x34]))
            #expect(client.wanted == 5)
            #expect(try client.take([5, 0, 0, 1, 10]) == .read(5))
            #expect(try client.take([0, 0, 1, 0, 80]) == .open)
        }
    }

    @Test("the address in the reply is read to its end, of whatever kind")
    func replies() throws {
        for (head, rest) in [([5, 0, 0, 4, 0], 17), ([5, 0, 0, 3, 9], 11)] as [([UInt8], Int)] {
            var client = try client()
            _ = try client.take([5, 0])
            #expect(try client.take(head) == .read(rest))
        }
    }

    @Test("user and password are said when asked for, and refused ones are known as such")
    func authentication() throws {
        var client = try client("socks5h://u:pw@proxy.test")
        #expect(client.greeting == [5, 2, 0, 2])
        #expect(try client.take([5, 2]) == .send([1, 1, 0x75, 2, 0x70, 0x77]))
        #expect(client.wanted == 2)
        var accepted = client
        guard case .send = try accepted.take([1, 0]) else {
            Issue.record("no request")
            return
        }
        #expect(throws: ProxyFault.credentials) { _ = try client.take([1, 1]) }
        var without = try self.client()
        #expect(throws: ProxyFault.credentials) { _ = try without.take([5, 0xFF]) }
    }

    private func client(_ proxy: String) throws -> SOCKS5Client { try client(to: "gw.test", proxy) }

    @Test("what it refuses, and what it is if it is no proxy, is told")
    func refusals() throws {
        var stranger = try client()
        #expect(throws: ProxyFault.malformed("it does not speak SOCKS5")) { _ = try stranger.take(Array("HT".utf8)) }
        for (code, words) in [(UInt8(2), "its rules forbid it"), (5, "connection refused"), (99, "reply 99")] {
            var client = try client()
            _ = try client.take([5, 0])
            #expect(throws: ProxyFault.refused(words)) { _ = try client.take([5, code, 0, 1, 0]) }
        }
        #expect(throws: ProxyFault.self) { _ = try client(to: String(repeating: "a", count: 256)) }
    }
}
