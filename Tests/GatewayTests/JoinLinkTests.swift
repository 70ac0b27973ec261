import NodeCrypto
import PracticeGateway
import Testing

@testable import Gateway

@Suite struct JoinLinkTests {
    static let now = 1_767_225_600_000
    static let pin = String(repeating: "ab", count: 32)
    /// The example of openclaw-gateway §5.5.
    static let example =
        "eyJ1cmwiOiJ3c3M6Ly9ndy5leGFtcGxlLnRzLm5ldCIsImJvb3RzdHJhcFRva2VuIjoiQWJDZEVmMDEyMzQ1Njc4OSJ9"

    static func text(_ json: String) -> String { Base64Text.urlText(json.bytes) }

    static func read(_ text: String) throws(JoinLinkError) -> JoinLink { try JoinLink(text, nowMs: now) }

    static func code(_ json: String) throws -> SetupCode? {
        if case .code(let code) = try read(text(json)) { code } else { nil }
    }

    static let forms = [
        example, "oc-pair://" + example, "OC-Pair://" + example, "  \n" + example + "\r\n",
        "oc-pair://" + example.replacing("-", with: "+") + "=",
        example + "==",
    ]

    @Test("a setup code is read bare, behind oc-pair://, padded or not, with blanks around it", arguments: forms)
    func shapes(_ text: String) throws {
        let code = try SetupCode(Self.example, nowMs: 0)
        #expect(try Self.read(text) == .code(code))
        #expect(code.endpoints.map(\.description) == ["wss://gw.example.ts.net:443"])
        #expect(code.secret == .bootstrap("AbCdEf0123456789") && code.pin == nil)
    }

    @Test("addresses keep their order, each once; those that a secret may not go to are left out")
    func addresses() throws {
        let code = try Self.code(
            #"""
            {"url":"wss://a.example/ctx","urls":["wss://b.example:1","ws://192.0.2.7:18789","wss://a.example/ctx",
            "https://c.example"],"bootstrapToken":"t","later":{"x":[1]}}
            """#)
        let endpoints = ["wss://a.example:443/ctx", "wss://b.example:1", "wss://c.example:443"]
        #expect(code?.endpoints.map(\.description) == endpoints)
        let record = try GatewayRecord(#require(code))
        #expect(record.url == endpoints[0] && record.urls == Array(endpoints.dropFirst()))
        #expect(record.bootstrapToken == "t" && record.token == nil && record.password == nil)
        #expect(record.dialect == "openclaw")
    }

    @Test("the fingerprint in a code is the pin, in whatever form it is written")
    func pinned() throws {
        let code = try Self.code(#"{"url":"wss://a","bootstrapToken":"t","tlsFingerprint":"SHA256:\#(Self.pin)"}"#)
        #expect(try GatewayRecord(#require(code)).tlsFingerprints == [Self.pin])
    }

    static let secrets: [(json: String, secret: SetupCode.Secret)] = [
        (#"{"url":"wss://a","token":"x"}"#, .token("x")), (#"{"url":"wss://a","password":"x"}"#, .password("x")),
        (#"{"url":"wss://a","token":"x","bootstrapToken":"y"}"#, .bootstrap("y")),
    ]

    @Test("codes of early 2026 carry the gateway's own secret", arguments: secrets)
    func older(_ json: String, _ secret: SetupCode.Secret) throws {
        let code = try #require(try Self.code(json))
        #expect(code.secret == secret)
        #expect(GatewayRecord(code).bootstrapToken == (secret == .bootstrap("y") ? "y" : nil))
    }

    static let faults: [(json: String, error: JoinLinkError)] = [
        (#"{"bootstrapToken":"t"}"#, .missing("url")), (#"{"url":"wss://a"}"#, .missing("bootstrapToken")),
        (#"{"url":"wss://a","bootstrapToken":""}"#, .missing("bootstrapToken")),
        (#"{"url":"wss://a","bootstrapToken":"t","expiresAtMs":1767225600000}"#, .expired),
        (#"{"url":"wss://a","bootstrapToken":"t","tlsFingerprint":"ab"}"#, .pin(.wrongLength(digits: 2))),
        (#"{"url":"ws://127.0.0.1","bootstrapToken":"t","tlsFingerprint":"\#(pin)"}"#, .address(.pinWithoutTLS)),
        (#"{"url":"ws://gw.example","bootstrapToken":"t"}"#, .address(.plaintext(host: "gw.example"))),
        (#"{"url":"wss://a","bootstrapToken":7}"#, .unreadable), (#"{"url":"wss://a","#, .unreadable),
        (#"{"url":"wss://a","bootstrapToken":"\#(String(repeating: "t", count: 513))"}"#, .tooLong),
    ]

    @Test(
        "what is pasted with something before its scheme, or as JSON, is not quoted",
        arguments: [
            #"{"url":"wss://a","bootstrapToken":"hush"}"#, "token=hush wss://a", "\"wss://a?hush\"", "://hush",
            "h\u{FC}sh://a",
        ])
    func unquoted(_ text: String) {
        #expect(throws: JoinLinkError.unreadable) { try Self.read(text) }
    }

    @Test(
        "what comes of a join link and is no setup code is the gateway's fault", arguments: ["", "{", "<html>", "null"])
    func answers(_ body: String) {
        #expect(throws: JoinLinkError.answer(status: 200)) {
            try JoinInvitation.setupCode(
                status: 200, contentType: "application/json", body: Array(body.utf8), nowMs: 0)
        }
    }

    @Test("a code that cannot be used says why", arguments: faults)
    func unusable(_ json: String, _ error: JoinLinkError) throws {
        #expect(throws: error) { try Self.code(json) }
        #expect(!error.description.isEmpty)
    }

    @Test("one that lasts a millisecond longer is good")
    func lasting() throws {
        #expect(try Self.code(#"{"url":"wss://a","bootstrapToken":"t","expiresAtMs":1767225600001}"#) != nil)
    }

    @Test(
        "a URL is an address",
        arguments: [
            "wss://gw.example:18789", "https://gw.example/openclaw-gw", "ws://127.0.0.1", "wss://gw.example/j/x",
            "https://gw.example/j", "https://j/x",
        ])
    func address(_ text: String) throws {
        #expect(try Self.read(text) == .address(GatewayEndpoint(text)))
    }

    @Test(
        "a join link is told from an address, whatever path is before it, and never shows its code",
        arguments: ["https://gw.example/j/", "https://gw.example:8443/ctx/j/", "http://127.0.0.1:18789/j/"])
    func invitation(_ start: String) throws {
        let code = "AAAAAAAAAAAAAAAAAAAA_-"
        guard case .invitation(let invitation) = try Self.read(start + code) else {
            Issue.record("no invitation")
            return
        }
        #expect(invitation.endpoint.path.hasSuffix("/j/" + code))
        #expect(!invitation.description.contains(code))
    }

    @Test(
        "half a join link is none",
        arguments: [
            "https://gw.example/j/", "https://gw.example/j/short", "https://gw.example/j/AAAAAAAAAAAAAAAAAAAA_-?x=1",
            "https://u:p@gw.example/j/AAAAAAAAAAAAAAAAAAAA_-", "http://gw.example/j/AAAAAAAAAAAAAAAAAAAA_-",
            "https:///j/AAAAAAAAAAAAAAAAAAAA_-", "https://gw.example/j/AAAAAAAAAAAAAAAAAAAA_-/",
            "https://gw.example/#/j/AAAAAAAAAAAAAAAAAAAA_-",
        ])
    func half(_ text: String) {
        #expect(throws: JoinLinkError.invitation) { try Self.read(text) }
        #expect(!JoinLinkError.invitation.description.contains("AAAA"))
    }

    @Test("what is none of these says what it should look like", arguments: ["", "gateway", "gateway.local:1", "eyJ!"])
    func strange(_ text: String) {
        #expect(throws: JoinLinkError.unreadable) { try Self.read(text) }
        #expect(JoinLinkError.unreadable.description.contains("wss://"))
    }

    @Test("nothing longer than a code is read") func long() {
        #expect(throws: JoinLinkError.tooLong) { try Self.read(String(repeating: "A", count: 8193)) }
    }

    @Test("the answer behind a link is the code's JSON, once; anything else says what happened")
    func answers() throws {
        let json = #"{"url":"wss://a","bootstrapToken":"t"}"#.bytes
        func answer(_ status: Int, _ type: String?, _ body: [UInt8]) throws -> SetupCode {
            try JoinInvitation.setupCode(status: status, contentType: type, body: body, nowMs: Self.now)
        }
        #expect(try answer(200, "Application/JSON; charset=utf-8", json).secret == .bootstrap("t"))
        #expect(throws: JoinLinkError.answer(status: 200)) { try answer(200, "text/html", json) }
        #expect(throws: JoinLinkError.answer(status: 302)) { try answer(302, "application/json", json) }
        #expect(throws: JoinLinkError.spent) { try answer(404, "application/json", []) }
        #expect(throws: JoinLinkError.tooMany) { try answer(429, "application/json", []) }
        #expect(throws: JoinLinkError.answer(status: 200)) {
            try answer(200, "application/json", json + Array(repeating: 32, count: 24 << 10))
        }
    }
}
