import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

@Suite struct HelloTests {
    static func hello(_ payload: String) throws -> Hello {
        try Hello(#"{"type":"res","id":"1","ok":true,"payload":{\#(payload)}}"#.bytes)
    }

    @Test("April's hello: with canvasHostUrl, a token only when one was issued")
    func april() throws {
        let hello = try Self.hello(
            #"""
            "type":"hello-ok","protocol":3,"server":{"version":"2026.4.13","connId":"c","commit":"x","host":"y"},
            "features":{"methods":["a"],"events":[]},"canvasHostUrl":"http://h/__openclaw__/cap/k",
            "snapshot":{"presence":[],"health":null},
            "policy":{"maxPayload":26214400,"maxBufferedBytes":52428800,"tickIntervalMs":30000}
            """#)
        #expect(hello.protocolVersion == 3)
        #expect(hello.deviceToken == nil)
        #expect(hello.role == "node")
        #expect(hello.maxPayload == 26_214_400)
    }

    @Test("the newest hello: pluginSurfaceUrls, attachments, tabs, auth always")
    func newest() throws {
        let hello = try Self.hello(
            #"""
            "type":"hello-ok","protocol":4,"server":{"version":"2026.11.2","connId":"c"},
            "features":{"methods":["a","b"],"events":[],"capabilities":["x"]},"controlUiTabs":[{"id":1}],
            "pluginSurfaceUrls":{"canvas":"http://h"},"snapshot":{"updateAvailable":{}},
            "auth":{"deviceToken":"own","role":"node","scopes":["s"],"issuedAtMs":1,
                    "deviceTokens":[{"deviceToken":"o","role":"operator","scopes":[],"issuedAtMs":1}]},
            "policy":{"maxPayload":1000,"maxBufferedBytes":1,"tickIntervalMs":15000,"attachments":{"maxBytes":1}}
            """#)
        #expect(hello.deviceToken == "own")
        #expect(hello.scopes == ["s"])
        #expect(hello.maxPayload == 1000)
        #expect(hello.tickInterval == .seconds(15))
    }

    @Test("what a hello does not say is the most careful value any release had")
    func bare() throws {
        let hello = try Self.hello(#""protocol":4"#)
        #expect(hello.maxPayload == 524_288)
        #expect(hello.tickInterval == .seconds(30))
        #expect(hello.deviceToken == nil)
        #expect(hello.serverVersion.isEmpty)
    }

    @Test(
        "null and empty members are absent ones",
        arguments: [#"null"#, #"{"deviceToken":null}"#, #"{"deviceToken":""}"#])
    func empty(_ auth: String) throws {
        let hello = try Self.hello(#""protocol":4,"server":null,"features":null,"policy":null,"auth":\#(auth)"#)
        #expect(hello.deviceToken == nil)
    }

    @Test(
        "limits that make no sense do no harm",
        arguments: ["0", "-5", "9223372036854775807"])
    func limits(_ number: String) throws {
        let hello = try Self.hello(#""protocol":4,"policy":{"maxPayload":\#(number),"tickIntervalMs":\#(number)}"#)
        #expect(hello.maxPayload >= 1)
        let now = ContinuousClock.now
        let look = TickWatchdog(interval: hello.tickInterval, now: now).nextLook(at: now)
        #expect(try #require(look) > now)
        #expect(try #require(look) <= now + .seconds(1_200))
    }

    @Test(
        "a payload that is no hello says what is wrong with it",
        arguments: [
            (#""protocol":"4""#, "payload.protocol must be an integer"), ("", "payload.protocol is missing"),
            (#""protocol":4,"policy":{"maxPayload":"big"}"#, "payload.policy.maxPayload must be an integer"),
        ])
    func wrong(_ payload: String, _ reason: String) throws {
        let failure = try #require(
            thrown(JSONFailure.self) { try Self.hello(payload) })
        #expect(failure.description == reason)
    }

    @Test("a token that no gateway makes is none: with it the file that it is kept in could not be read again")
    func endlessToken() throws {
        let long = String(repeating: "t", count: 20_000)
        for auth in [
            #"{"deviceToken":"\#(long)","role":"node"}"#, #"{"deviceToken":"t","role":"node","scopes":["\#(long)"]}"#,
            #"{"role":"operator","deviceTokens":[{"deviceToken":"\#(long)","role":"node"}]}"#,
        ] {
            let hello = try Self.hello(#""protocol":4,"server":{"version":"\#(long)"},"auth":\#(auth)"#)
            #expect(hello.token(orOf: true) == nil)
            #expect(hello.serverVersion.utf8.count < 100)
        }
    }
}
