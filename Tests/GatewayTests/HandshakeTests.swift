import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

@Suite struct HandshakeTests {
    static let ownClock = 4_102_444_800_000

    static func handshake(
        _ credential: Credential = .shared(token: "secret"), _ signature: SignatureVersion = .v3,
        profile: NodeProfile = Samples.profile, id: String = "request-1"
    ) -> Handshake {
        Handshake(
            profile: profile, identity: Samples.identity,
            attempt: Reaction.Attempt(credential: credential, signature: signature), requestID: id,
            wallClockMs: { ownClock })
    }

    /// Our connect frame in answer to `challenge`.
    static func connect(_ handshake: inout Handshake, _ challenge: String = Samples.challenge) throws -> JSONValue {
        guard case .send(let frame) = try handshake.receive(challenge.bytes) else {
            throw Unexpected()
        }
        return try JSONReader.read(frame)
    }

    struct Unexpected: Error {}

    // MARK: The recorded connection

    @Test("answers the recorded challenge with a connect that the recorded schema and a gateway's proof accept")
    func recordedChallenge() throws {
        var handshake = Self.handshake()
        let frame = try Self.connect(&handshake, RecordedConnection.challenge)
        let schema = OpenClawSchema(.april)
        #expect(schema.firstFault(in: frame, as: .request) == nil)
        let params = try #require(frame["params"])
        #expect(schema.firstFault(in: params, as: .connect) == nil)

        let proof = DeviceProof(
            release: .april, nonce: "7adc58bd-8369-4bf6-9adf-71fc21565a1b", now: 1_795_205_639_995)
        #expect(try proof.check(ConnectParams(params)) == .v3)
    }

    @Test("says of itself what the recorded official node says, and what newer gateways ask for beside it")
    func asTheOfficialNode() throws {
        var handshake = Self.handshake()
        let ours = try #require(try Self.connect(&handshake, RecordedConnection.challenge)["params"])
        let theirs = try #require(try JSONReader.read(RecordedConnection.connect.bytes)["params"])
        for key in ["role", "scopes"] { #expect(ours[key] == theirs[key]) }
        for key in ["id", "mode", "platform"] { #expect(ours["client"]?[key] == theirs["client"]?[key]) }
        #expect(ours["client"]?["deviceFamily"] == "Linux")
        #expect(ours["minProtocol"] == 3)
        #expect(ours["maxProtocol"] == 4)
        #expect(ours["device"]?["nonce"] == theirs["device"]?["nonce"])
    }

    @Test("signs with the challenge's time, whatever our clock says")
    func challengeTime() throws {
        var handshake = Self.handshake()
        let device = try Self.connect(&handshake, RecordedConnection.challenge)["params"]?["device"]
        #expect(device?["signedAt"]?.integer == 1_795_205_639_995)
    }

    @Test("the recorded hello is a welcome")
    func recordedHello() throws {
        var handshake = Self.handshake(id: "eca5daef-c13a-4900-85bb-4fc5f29d5489")
        _ = try Self.connect(&handshake, RecordedConnection.challenge)
        guard case .welcome(let hello) = try handshake.receive(RecordedConnection.hello.bytes) else {
            throw Unexpected()
        }
        #expect(hello.protocolVersion == 3)
        #expect(hello.serverVersion == "2026.4.12-beta.1")
        #expect(hello.maxPayload == 26_214_400)
        #expect(hello.tickInterval == .seconds(30))
    }

    // MARK: The connect frame

    static let credentials: [Credential] = [
        .shared(token: "secret"), .password("secret"), .nothing, .deviceToken("own", in: .deviceToken),
        .deviceToken("own", in: .token), .sharedAndDevice(token: "secret", deviceToken: "own"),
        .bootstrap("once", in: .deviceToken), .bootstrap("once", in: .token),
    ]

    @Test("carries one credential, and the gateway's proof holds for it", arguments: credentials)
    func credential(_ credential: Credential) throws {
        for version in [SignatureVersion.v2, .v3] {
            var handshake = Self.handshake(credential, version)
            let params = try #require(try Self.connect(&handshake)["params"])
            #expect(OpenClawSchema(.april).firstFault(in: params, as: .connect) == nil)
            let proof = DeviceProof(release: .newest, nonce: Samples.nonce, now: 1_767_225_600_000)
            #expect(try proof.check(ConnectParams(params)).rawValue == version.rawValue)
            let members = params["auth"]?.object?.members.map { "\($0.key)=\($0.value.string ?? "")" } ?? []
            let expected =
                switch credential {
                case .shared(let token): ["token=\(token)"]
                case .password(let password): ["password=\(password)"]
                case .nothing: [String]()
                case .deviceToken(let token, in: let slot): ["\(slot.rawValue)=\(token)"]
                case .sharedAndDevice(let token, let own): ["token=\(token)", "deviceToken=\(own)"]
                case .bootstrap(let token, in: .deviceToken): ["bootstrapToken=\(token)"]
                case .bootstrap(let token, in: .token): ["token=\(token)"]
                }
            #expect(Set(members) == Set(expected))
        }
    }

    @Test("a device token in the old slot passes January's schema, one in its own does not")
    func januarySlot() throws {
        let schema = OpenClawSchema(.january)
        var old = Self.handshake(.deviceToken("own", in: .token), .v2)
        #expect(schema.firstFault(in: try #require(try Self.connect(&old)["params"]), as: .connect) == nil)
        var new = Self.handshake(.deviceToken("own", in: .deviceToken), .v2)
        #expect(schema.firstFault(in: try #require(try Self.connect(&new)["params"]), as: .connect) != nil)
    }

    @Test("leaves out what is not known: no null, no empty string")
    func nothingEmpty() throws {
        let bare = NodeProfile(displayName: "", version: "1", caps: [], commands: [], permissions: [:])
        var handshake = Self.handshake(.nothing, profile: bare)
        let frame = try Self.connect(&handshake)
        #expect(OpenClawSchema(.april).firstFault(in: try #require(frame["params"]), as: .connect) == nil)
        #expect(frame["params"]?["client"]?["displayName"] == nil)
        #expect(frame["params"]?["auth"] == nil)
        #expect(!frame.text.contains("null"))
    }

    @Test("fits before the hello, where gateways take 64 KiB")
    func size() throws {
        var profile = Samples.profile
        profile.commands = (0..<200).map { "family.command-with-a-long-name-\($0)" }
        var handshake = Self.handshake(profile: profile)
        guard case .send(let frame) = try handshake.receive(Samples.challenge.bytes) else { throw Unexpected() }
        #expect(frame.count < 65_536)
    }

    @Test("an instance id that the owner chose is sent instead of the identity's")
    func instanceID() throws {
        var profile = Samples.profile
        profile.instanceID = "chosen"
        var handshake = Self.handshake(profile: profile)
        #expect(try Self.connect(&handshake)["params"]?["client"]?["instanceId"] == "chosen")
        var other = Self.handshake()
        #expect(
            try Self.connect(&other)["params"]?["client"]?["instanceId"]?.string == Samples.identity.instanceID)
    }

    // MARK: Challenges

    @Test(
        "without a time in the challenge, ours is signed",
        arguments: [#""nonce":"n""#, #""nonce":"n","ts":-1"#, #""nonce":"n","ts":"soon""#, #""nonce":"n","ts":null"#])
    func ownClock(_ payload: String) throws {
        var handshake = Self.handshake()
        let challenge = #"{"type":"event","event":"connect.challenge","payload":{\#(payload)}}"#
        let device = try Self.connect(&handshake, challenge)["params"]?["device"]
        #expect(device?["signedAt"]?.integer == Self.ownClock)
        #expect(device?["nonce"] == "n")
    }

    @Test(
        "a challenge without a nonce ends the handshake at once",
        arguments: [
            #","payload":{"ts":1}"#, #","payload":{"nonce":"","ts":1}"#, #","payload":{"nonce":"  ","ts":1}"#,
            #","payload":{"nonce":null,"ts":1}"#, #","payload":{"nonce":7,"ts":1}"#, #","payload":null"#, "",
        ])
    func noNonce(_ rest: String) throws {
        var handshake = Self.handshake()
        #expect(throws: Handshake.Fault.noNonce) {
            try handshake.receive(#"{"type":"event","event":"connect.challenge"\#(rest)}"#.bytes)
        }
    }

    @Test("a second challenge is not answered")
    func secondChallenge() throws {
        var handshake = Self.handshake()
        _ = try Self.connect(&handshake)
        guard case .wait = try handshake.receive(Samples.challenge.bytes) else { throw Unexpected() }
    }

    // MARK: Answers

    @Test(
        "nothing but its own answer moves it on",
        arguments: [
            #"{"type":"res","id":"another","ok":true,"payload":{"type":"hello-ok","protocol":4}}"#,
            #"{"type":"res","id":1,"ok":true,"payload":{"protocol":4}}"#,
            #"{"type":"event","event":"tick","payload":{"ts":1}}"#, "not JSON", "", "[]", "\u{0}",
            #"{"type":"res","id":"request-1"}"#,
        ])
    func others(_ message: String) throws {
        var handshake = Self.handshake()
        guard case .wait = try handshake.receive(message.bytes) else { throw Unexpected() }
        _ = try Self.connect(&handshake)
        guard case .wait = try handshake.receive(message.bytes) else { throw Unexpected() }
        guard case .welcome = try handshake.receive(Samples.hello(to: "request-1").bytes) else { throw Unexpected() }
    }

    @Test("an answer before the challenge is none")
    func early() throws {
        var handshake = Self.handshake()
        guard case .wait = try handshake.receive(Samples.hello(to: "request-1").bytes) else { throw Unexpected() }
    }

    @Test("a refusal comes out with its code, details and hint")
    func refusal() throws {
        var handshake = Self.handshake()
        _ = try Self.connect(&handshake)
        let error: JSONValue = [
            "code": "NOT_PAIRED", "message": "pairing required", "retryAfterMs": 500,
            "details": ["code": "PAIRING_REQUIRED", "requestId": "7d0e", "reason": "not-paired", "new": [1]],
        ]
        guard case .refused(let refusal) = try handshake.receive(Samples.refusal(to: "request-1", error).bytes) else {
            throw Unexpected()
        }
        let details = GatewayRefusal.Details(code: "PAIRING_REQUIRED", reason: "not-paired", requestId: "7d0e")
        #expect(
            refusal
                == GatewayRefusal(
                    code: "NOT_PAIRED", message: "pairing required", retryAfterMs: 500, details: details))
    }

    @Test("a refusal without an error is a refusal")
    func bareRefusal() throws {
        var handshake = Self.handshake()
        _ = try Self.connect(&handshake)
        guard case .refused = try handshake.receive(#"{"type":"res","id":"request-1","ok":false}"#.bytes) else {
            throw Unexpected()
        }
    }

    @Test("a welcome that is no hello ends the handshake")
    func badHello() throws {
        var handshake = Self.handshake()
        _ = try Self.connect(&handshake)
        #expect(throws: Handshake.Fault.badHello("payload.protocol is missing")) {
            try handshake.receive(#"{"type":"res","id":"request-1","ok":true,"payload":{}}"#.bytes)
        }
    }
}
