import NodeCrypto
import Testing

@testable import WebSocket

@Suite struct RedirectTests {
    @Test(
        "a place at the same server is a path",
        arguments: [
            ("/b", "/b"), ("/b?c#d", "/b?c"), ("c", "/a/c"), ("?q=2", "/a/b?q=2"), ("", "/a/b?q=1"), ("#x", "/a/b?q=1"),
            ("//gw.test:8443/x", "/x"), ("https://gw.test:8443", "/"), ("wss://GW.test:8443/x?y", "/x?y"),
            ("https://gw.test:8443?y", "/?y"),
        ])
    func same(_ location: String, _ path: String) throws {
        let target = WebSocketTarget(host: "gw.test", port: 8_443, tls: try TLSClientContext(trust: .pins([])))
        #expect(try Redirect.path(location, from: "/a/b?q=1", of: target) == path)
    }

    @Test("the port that the scheme means may be said or not")
    func usualPort() throws {
        let target = WebSocketTarget(host: "::1", port: 80)
        for location in ["http://[::1]/x", "ws://[::1]:80/x", "//[::1]/x"] {
            #expect(try Redirect.path(location, from: "/", of: target) == "/x")
        }
    }

    @Test(
        "any other server, port or scheme is another server, named without its path",
        arguments: [
            ("https://other.test/x?secret", "https://other.test"), ("http://gw.test:8443/x", "http://gw.test:8443"),
            ("https://gw.test/x", "https://gw.test"), ("//gw.test/", "https://gw.test"),
            ("https://gw.test:8443@evil.test/", "https://evil.test"),
            ("https://u:p@gw.test:8443/", "https://gw.test:8443"),
        ])
    func other(_ location: String, _ place: String) throws {
        let target = WebSocketTarget(host: "gw.test", port: 8_443, tls: try TLSClientContext(trust: .pins([])))
        #expect(throws: WebSocketError.redirected(to: place)) {
            _ = try Redirect.path(location, from: "/", of: target)
        }
    }

    @Test(
        "what could do something in a shell, or is none of our schemes, is not named",
        arguments: [
            "https://$(reboot)/", "https://a;b", "https://a b", "https://a`b`:1", "ftp://gw.test:8443/", "`x`://a",
            "https://",
        ])
    func unspeakable(_ location: String) throws {
        let target = WebSocketTarget(host: "gw.test", port: 8_443, tls: try TLSClientContext(trust: .pins([])))
        #expect(throws: WebSocketError.badAnswer("it redirects to what is no server")) {
            _ = try Redirect.path(location, from: "/", of: target)
        }
    }
}
