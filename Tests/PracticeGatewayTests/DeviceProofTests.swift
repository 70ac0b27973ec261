import PracticeGateway
import Testing

@Suite struct DeviceProofTests {
    static let nonce = "6f1f1c0e-8d5a-4c39-9a51-0d6f5b9f2c11"
    static let signedAt = 1_767_225_600_000

    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let version: ProofVersion
        let signature: String
        var client = "node-host"
        var mode = "node"
        var role = "node"
        var scopes: [String] = []
        var token: String? = "test-gateway-token"
        var platform = "linux"
        var family: String? = "Linux"

        var testDescription: String { name }

        var params: ConnectParams {
            ConnectParams(
                .members([
                    "minProtocol": 3, "maxProtocol": 4,
                    "client": .members([
                        "id": .string(client), "version": "1", "platform": .string(platform),
                        "deviceFamily": family.map { .string($0) }, "mode": .string(mode),
                    ]),
                    "role": .string(role), "scopes": .strings(scopes),
                    "auth": token.map { ["token": .string($0)] },
                    "device": [
                        "id": "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c",
                        "publicKey": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg", "signature": .string(signature),
                        "signedAt": .number(Double(signedAt)), "nonce": .string(nonce),
                    ],
                ]))
        }
    }

    // openclaw-gateway.md §3.6
    static let a = Vector(
        name: "A", version: .v3,
        signature: "0EGCLiD5fu65Hny0JVjaDXmL7UODqov6dkRwPsszuZfP96uhcY-7XmznsQh2MlpP15w1rZfbTpAaZb-CCw5FDQ")
    static let b = Vector(
        name: "B", version: .v2,
        signature: "2cgO7oSdyo5gVqFMIrDSZrjTZAQAU0msg54h1Q_CvIgjACXk8GtCPUGdu-K5TjcwAW3AOxEA9toVMem--CBkAw")
    static let c = Vector(
        name: "C", version: .v1,
        signature: "1pcXEnYBslVhg1GSCep6Kiewd9MUqdvlv4cI6DGhLplrN9TLwc8C6RoKIFgzNIr3unu-3StjigNROXahEMl0DA")
    static let d = Vector(
        name: "D", version: .v3,
        signature: "mWWJwiyaRcz2U63Fy9H8wAvbJtDiOKQ_KVco0SxIOoYUAT3ry3j-LYfCkJQLb6myLC3IegdNHBBwJsLOA56vBA",
        token: nil)
    static let e = Vector(
        name: "E", version: .v3,
        signature: "W-_9BUt_6rykwpAjT22Y5_yuuRgs6fHd0CdXEpXdgfBSkYASiEJDLrWIjpkj0M2t1_ULZaA5JcqtlK_KOB0YCg",
        client: "cli", mode: "cli", role: "operator", scopes: ["operator.read", "operator.write"],
        platform: "  Linux ", family: nil)

    @Test("the signatures of the specification hold", arguments: [a, b, d, e])
    func vectors(_ vector: Vector) throws {
        let proof = DeviceProof(release: .april, nonce: Self.nonce, now: Self.signedAt)
        #expect(try proof.check(vector.params) == vector.version)
    }

    @Test("January takes version 2 and nothing newer", arguments: [(a, false), (b, true), (c, false)])
    func january(_ vector: Vector, isTaken: Bool) {
        let proof = DeviceProof(release: .january, nonce: Self.nonce, now: Self.signedAt)
        #expect((try? proof.check(vector.params)) == (isTaken ? vector.version : nil))
    }

    @Test("version 1 signs no nonce") func firstVersion() {
        #expect(DeviceProof.signedString(.v1, Self.c.params).hasSuffix("|1767225600000|test-gateway-token"))
    }

    @Test("the official node's signature holds") func official() throws {
        let params = ConnectParams(try #require(try RecordedConnection().connect()["params"]))
        let device = try #require(params.device)
        let proof = DeviceProof(release: .april, nonce: device.nonce, now: device.signedAt + 10)
        #expect(try proof.check(params) == .v3)
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let code: String
        let change: @Sendable (inout ConnectParams) -> Void

        init(_ code: String, _ change: @escaping @Sendable (inout ConnectParams) -> Void) {
            self.code = code
            self.change = change
        }

        var testDescription: String { code }
    }

    static let lies = [
        Lie("DEVICE_IDENTITY_REQUIRED") { $0.device = nil },
        Lie("DEVICE_AUTH_PUBLIC_KEY_INVALID") { $0.device?.publicKey = "AAAA" },
        Lie("DEVICE_AUTH_DEVICE_ID_MISMATCH") { $0.device?.id = "56" },
        Lie("DEVICE_AUTH_SIGNATURE_EXPIRED") { $0.device?.signedAt -= 120_001 },
        Lie("DEVICE_AUTH_NONCE_REQUIRED") { $0.device?.nonce = " " },
        Lie("DEVICE_AUTH_NONCE_MISMATCH") { $0.device?.nonce = "another" },
        Lie("DEVICE_AUTH_SIGNATURE_INVALID") { $0.device?.signature = "AAAA" },
        Lie("DEVICE_AUTH_SIGNATURE_INVALID") { $0.token = "another" },
        Lie("DEVICE_AUTH_SIGNATURE_INVALID") { $0.platform = "darwin" },
    ]

    @Test("each lie has its own refusal", arguments: lies)
    func refused(_ lie: Lie) {
        var params = Self.a.params
        lie.change(&params)
        let proof = DeviceProof(release: .newest, nonce: Self.nonce, now: Self.signedAt)
        #expect {
            try proof.check(params)
        } throws: {
            ($0 as? WireRefusal)?.details?["code"]?.string == lie.code
        }
    }

    @Test("a key may come as PEM and a signature in the other alphabet") func otherForms() throws {
        var params = Self.a.params
        params.device?.publicKey =
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n-----END PUBLIC KEY-----\n"
        params.device?.signature =
            "0EGCLiD5fu65Hny0JVjaDXmL7UODqov6dkRwPsszuZfP96uhcY+7XmznsQh2MlpP15w1rZfbTpAaZb+CCw5FDQ=="
        let proof = DeviceProof(release: .april, nonce: Self.nonce, now: Self.signedAt)
        #expect(try proof.check(params) == .v3)
    }
}
