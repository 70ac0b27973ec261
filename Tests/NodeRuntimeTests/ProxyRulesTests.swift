import Gateway
import Testing
import WebSocket

@testable import NodeRuntime

@Suite struct ProxyRulesTests {
    private func proxy(
        _ variables: [String: String], configured: String? = nil, to url: String = "wss://gw.example.com:18789"
    ) throws -> String? {
        let rules = try ProxyRules(
            configured: configured.map { try Proxy($0) }, Surroundings(variables: variables, isRoot: false))
        return rules.proxy(to: try GatewayEndpoint(url, plaintext: .privateNetworks))?.description
    }

    @Test(
        "the configured one, else that of https, else that of all; lower case first",
        arguments: [
            (["https_proxy": "http://a:1", "all_proxy": "b:2"], "http://a:1"), (["all_proxy": "b:2"], "http://b:2"),
            (["HTTPS_PROXY": "a:1", "https_proxy": "c:3"], "http://c:3"),
            (["ALL_PROXY": "socks5://d"], "socks5h://d:1080"),
            (["https_proxy": "", "all_proxy": "b:2"], "http://b:2"), (["http_proxy": "a:1"], nil), ([:], nil),
        ] as [([String: String], String?)])
    func variables(_ variables: [String: String], _ expected: String?) throws {
        #expect(try proxy(variables) == expected)
        #expect(try proxy(variables, configured: "http://own:5") == "http://own:5")
    }

    @Test(
        "hosts can be excepted",
        arguments: [
            ("*", true), ("example.com", true), (".example.com", true), ("*.example.com", true),
            ("GW.example.com", true),
            ("a, gw.example.com", true), ("gw.example.com:18789", true), ("gw.example.com:443", false),
            ("ample.com", false), ("w.example.com", false), ("example", false), ("", false), ("10.0.0.0/8", false),
        ])
    func exceptions(_ list: String, _ isExcepted: Bool) throws {
        #expect((try proxy(["https_proxy": "a:1", "no_proxy": list]) == nil) == isExcepted)
        #expect(try proxy(["NO_PROXY": list], configured: "a:1") == "http://a:1", "they except from the variables only")
    }

    @Test(
        "addresses and networks can be excepted",
        arguments: [
            ("wss://192.168.1.5", "192.168.0.0/16", true), ("wss://192.168.1.5", "192.168.1.5", true),
            ("wss://192.168.1.5", "192.168.1.5:443", true), ("wss://192.168.1.5", "192.168.1.4/31", true),
            ("wss://192.168.1.5", "192.168.1.6/31", false), ("wss://192.168.1.5", "1.5", false),
            ("wss://[fd00::5]", "fd00::/8", true), ("wss://[fd00::5]", "[fd00::5]:443", true),
            ("wss://[fd00::5]", "fd00::5", true), ("wss://[fd00::5]", "0.0.0.0/0", false),
            ("wss://192.168.1.5", "192.168.0.0/33", false), ("wss://192.168.1.5", "/8", false),
        ])
    func networks(_ url: String, _ list: String, _ isExcepted: Bool) throws {
        #expect((try proxy(["https_proxy": "a:1", "no_proxy": list], to: url) == nil) == isExcepted)
    }

    @Test(
        "what is here, and what a proxy could read, does not go through one",
        arguments: ["wss://localhost", "wss://127.0.0.1", "wss://[::1]", "ws://192.168.1.5", "ws://127.0.0.1"])
    func never(_ url: String) throws {
        #expect(try proxy(["https_proxy": "a:1", "all_proxy": "a:1"], configured: "b:2", to: url) == nil)
    }

    @Test("a variable that names no proxy is named itself")
    func malformed() {
        #expect(throws: ProxyVariableError(name: "HTTPS_PROXY", reason: .scheme("https"))) {
            _ = try proxy(["HTTPS_PROXY": "https://secure.example"])
        }
    }
}
