import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing

@testable import Gateway

/// How a setup code lets the link in, once.
@Suite(.timeLimit(.minutes(5))) struct LinkSetupCodeTests {
    /// A folder with a setup code's token in `gateway.json`.
    func joined() throws -> (folder: ScratchFolder, token: BootstrapToken) {
        let folder = try ScratchFolder()
        var record = GatewayRecord(url: Samples.gateway.description)
        record.bootstrapToken = "once"
        try record.save(in: folder.path)
        return (folder, try #require(BootstrapToken(record, in: folder.path)))
    }

    @Test("a setup code's token goes alone, waits with the device, and is gone with the hello") func setupCode()
        async throws
    {
        let (folder, token) = try joined()
        let bench = try LinkBench(in: folder, bootstrapToken: token)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.refuse(.pairing("r")).credential == ["bootstrapToken": "once"])
            try await gateway.waitOver()
            connection = try await gateway.next()
            #expect(try await connection.welcome(token: "own-1").credential == ["bootstrapToken": "once"])
            _ = try await gateway.connected()
            connection.transport.close(1012, "service restart")
            try await gateway.waitOver()
            connection = try await gateway.next()
            #expect(try await connection.welcome(token: "own-1").credential == ["deviceToken": "own-1"])
        }
        #expect(try GatewayRecord.load(from: folder.path)?.bootstrapToken == nil)
        #expect(try bench.memory().tokens["node"]?.token == "own-1")
    }

    @Test("one that was used up by a hello we did not hear gives way to what else there is") func usedUpUnheard()
        async throws
    {
        let (folder, token) = try joined()
        try await LinkBench(in: folder, bootstrapToken: token).run { gateway async throws in
            var connection = try await gateway.next()
            let invalid = JSONValue.error("INVALID_REQUEST", "no", details: ["code": "AUTH_BOOTSTRAP_TOKEN_INVALID"])
            #expect(try await connection.refuse(invalid).credential == ["bootstrapToken": "once"])
            #expect(try await gateway.wait().delay == .zero)
            var next = try await gateway.next()
            #expect(try await next.welcome().credential == ["token": "secret"])
            _ = try await gateway.connected()
        }
        #expect(try GatewayRecord.load(from: folder.path)?.bootstrapToken == nil)
    }

    @Test("one that is no good stays, with nothing else to say, and is asked with rarely") func invalid() async throws {
        let (folder, token) = try joined()
        try await LinkBench(in: folder, secret: SharedSecret(), bootstrapToken: token).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.refuse(
                .error("INVALID_REQUEST", "no", details: ["code": "AUTH_BOOTSTRAP_TOKEN_INVALID"]))
            let wait = try await gateway.wait()
            #expect(wait.condition.id == "bootstrap-token" && wait.delay >= .seconds(300))
            #expect(wait.condition.summary.contains("openclaw devices join-code"))
        }
        #expect(try GatewayRecord.load(from: folder.path)?.bootstrapToken == "once")
    }

    static let handOvers: [(auth: JSONValue, kept: String?)] = [
        (
            [
                "deviceToken": "mine", "role": "node", "scopes": [],
                "deviceTokens": [["deviceToken": "o", "role": "operator", "scopes": ["operator.read"]]],
            ], "mine"
        ),
        (
            [
                "deviceToken": "o", "role": "operator", "scopes": [],
                "deviceTokens": [["deviceToken": "mine", "role": "node", "scopes": []]],
            ], "mine"
        ),
        (["deviceToken": "o", "role": "operator", "scopes": [], "deviceTokens": "odd"], nil),
    ]

    @Test("of what is handed over for a setup code only a node's token is kept", arguments: handOvers.indices)
    func handOver(_ index: Int) async throws {
        let (auth, kept) = Self.handOvers[index]
        let (folder, token) = try joined()
        let bench = try LinkBench(in: folder, bootstrapToken: token)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            let (id, _) = try await connection.connect()
            connection.transport.deliver([
                "type": "res", "id": .string(id), "ok": true, "payload": ["protocol": 3, "auth": auth],
            ])
            _ = try await gateway.connected()
        }
        #expect(try bench.memory().tokens.mapValues(\.token) == kept.map { ["node": $0] } ?? [:])
    }

    @Test(
        "a known gateway gets a refused token of ours once more, beside the shared one, and only where it asks for it")
    func bothTokens() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        @Sendable func refusal(_ code: String, asks: Bool) -> JSONValue {
            .error(
                "INVALID_REQUEST", "unauthorized",
                details: ["code": .string(code), "canRetryWithDeviceToken": .bool(asks)])
        }
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.refuse(refusal("AUTH_DEVICE_TOKEN_MISMATCH", asks: false))
            connection = try await gateway.next()
            let asked = try await connection.refuse(refusal("AUTH_TOKEN_MISMATCH", asks: true))
            #expect(asked.credential == ["token": "secret"])
            connection = try await gateway.next()
            let both = try await connection.refuse(refusal("AUTH_TOKEN_MISMATCH", asks: true))
            #expect(both.credential == ["token": "secret", "deviceToken": "own-1"])
            for _ in 0..<2 { #expect(try await gateway.wait().delay == .zero) }
            // That was the once.
            let wait = try await gateway.waitOver()
            #expect(wait.condition.id == "credentials" && wait.delay >= .seconds(300))
            connection = try await gateway.next()
            #expect(try await connection.welcome().credential == ["token": "secret"])
        }
    }
}
