import NodeCrypto
import PracticeGateway
import Testing

@testable import Gateway

@Suite struct DeviceSignatureTests {
    /// openclaw-gateway §3.6; its vector C is of a version that no node need speak.
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let signature: DeviceSignature
        let version: SignatureVersion
        let payload: String
        let signed: String
    }

    private static let node = DeviceSignature(
        deviceID: Samples.deviceID, clientID: "node-host", clientMode: "node", role: "node", scopes: [],
        signedAt: 1_767_225_600_000, token: "test-gateway-token", nonce: Samples.nonce, platform: "linux",
        deviceFamily: "Linux")

    private static let withoutToken = {
        var signature = node
        signature.token = ""
        return signature
    }()

    static let vectors = [
        Vector(
            testDescription: "A: v3 with a token", signature: node, version: .v3,
            payload: "v3|\(Samples.deviceID)|node-host|node|node||1767225600000|test-gateway-token"
                + "|\(Samples.nonce)|linux|linux",
            signed: "0EGCLiD5fu65Hny0JVjaDXmL7UODqov6dkRwPsszuZfP96uhcY-7XmznsQh2MlpP15w1rZfbTpAaZb-CCw5FDQ"),
        Vector(
            testDescription: "B: v2", signature: node, version: .v2,
            payload: "v2|\(Samples.deviceID)|node-host|node|node||1767225600000|test-gateway-token"
                + "|\(Samples.nonce)",
            signed: "2cgO7oSdyo5gVqFMIrDSZrjTZAQAU0msg54h1Q_CvIgjACXk8GtCPUGdu-K5TjcwAW3AOxEA9toVMem--CBkAw"),
        Vector(
            testDescription: "D: v3 without a token", signature: withoutToken, version: .v3,
            payload: "v3|\(Samples.deviceID)|node-host|node|node||1767225600000||\(Samples.nonce)|linux|linux",
            signed: "mWWJwiyaRcz2U63Fy9H8wAvbJtDiOKQ_KVco0SxIOoYUAT3ry3j-LYfCkJQLb6myLC3IegdNHBBwJsLOA56vBA"),
        Vector(
            testDescription: "E: v3 normalised",
            signature: DeviceSignature(
                deviceID: Samples.deviceID, clientID: "cli", clientMode: "cli", role: "operator",
                scopes: ["operator.read", "operator.write"], signedAt: 1_767_225_600_000, token: "test-gateway-token",
                nonce: Samples.nonce, platform: "  Linux ", deviceFamily: ""),
            version: .v3,
            payload: "v3|\(Samples.deviceID)|cli|cli|operator|operator.read,operator.write|1767225600000"
                + "|test-gateway-token|\(Samples.nonce)|linux|",
            signed: "W-_9BUt_6rykwpAjT22Y5_yuuRgs6fHd0CdXEpXdgfBSkYASiEJDLrWIjpkj0M2t1_ULZaA5JcqtlK_KOB0YCg"),
    ]

    @Test("signs the strings that other implementations sign, byte for byte", arguments: vectors)
    func vector(_ vector: Vector) throws {
        #expect(vector.signature.payload(vector.version) == vector.payload)
        #expect(try vector.signature.signed(with: Samples.key, vector.version) == vector.signed)
    }

    @Test("vector C's string under the same key has vector C's signature")
    func firstVersion() throws {
        let payload = "v1|\(Samples.deviceID)|node-host|node|node||1767225600000|test-gateway-token"
        let signed = "1pcXEnYBslVhg1GSCep6Kiewd9MUqdvlv4cI6DGhLplrN9TLwc8C6RoKIFgzNIr3unu-3StjigNROXahEMl0DA"
        #expect(Base64URL.encode(try Samples.key.sign(payload.bytes)) == signed)
    }

    @Test("the signature of the recorded official node belongs to the string that we would have signed in its place")
    func recordedSignature() throws {
        let connect = ConnectParams(try #require(try JSONReader.read(RecordedConnection.connect.bytes)["params"]))
        let device = try #require(connect.device)
        let ours = DeviceSignature(
            deviceID: device.id, clientID: connect.clientID, clientMode: connect.clientMode, role: connect.role,
            scopes: connect.scopes, signedAt: device.signedAt, token: try #require(connect.token),
            nonce: device.nonce, platform: connect.platform, deviceFamily: connect.deviceFamily ?? "")
        let key = try VerifyingKey(raw: try #require(Base64Text.decode(device.publicKey)))
        let signature = try #require(Base64Text.decode(device.signature))
        #expect(key.isValid(signature, for: ours.payload(.v3).bytes))
        #expect(!key.isValid(signature, for: ours.payload(.v2).bytes))
    }

    @Test("lowers A to Z only, as gateways do, and trims both ends")
    func normalisation() {
        var signature = Self.node
        signature.platform = "\t LINUX\u{C9} x "
        signature.deviceFamily = "   "
        #expect(signature.payload(.v3).hasSuffix("|linux\u{C9} x|"))
    }

    @Test("the device id and public key are those of the vectors")
    func identity() {
        #expect(Samples.identity.deviceID == Samples.deviceID)
        #expect(Samples.identity.publicKey == "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg")
    }
}
