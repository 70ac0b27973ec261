import Testing

@testable import NodeCrypto

@Suite struct SigningKeyTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let seed: String
        let publicKey: String
        let message: String
        let signature: String

        var testDescription: String { name }
    }

    /// RFC 8032 §7.1
    static let rfc8032 = [
        Vector(
            name: "TEST 1",
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        Vector(
            name: "TEST 2",
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        Vector(
            name: "TEST 3",
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]

    @Test("signatures are those of RFC 8032", arguments: rfc8032)
    func rfcVector(_ vector: Vector) throws {
        let key = try SigningKey(seed: try #require(Hexadecimal.bytes(vector.seed)))
        let message = try #require(Hexadecimal.bytes(vector.message))
        let signature = try key.sign(message)
        #expect(Hexadecimal.text(key.publicKey) == vector.publicKey)
        #expect(Hexadecimal.text(signature) == vector.signature)
        #expect(try VerifyingKey(raw: key.publicKey).isValid(signature, for: message))
    }

    static let gatewaySeed = [UInt8](0...31)

    @Test("an identity's encodings are those a gateway's device has")
    func encodings() throws {
        let key = try SigningKey(seed: Self.gatewaySeed)
        #expect(
            Hexadecimal.text(key.publicKey) == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
        #expect(
            Hexadecimal.text(Digest.sha256(key.publicKey))
                == "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c")
        #expect(
            try key.pkcs8PEM == """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
                -----END PRIVATE KEY-----

                """)
        #expect(
            try key.spkiPEM == """
                -----BEGIN PUBLIC KEY-----
                MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=
                -----END PUBLIC KEY-----

                """)
    }

    @Test("the gateway's signed strings have the known signatures", arguments: GatewayVector.all)
    func gatewayVector(_ vector: GatewayVector) throws {
        let key = try SigningKey(seed: Self.gatewaySeed)
        let signature = try key.sign(Array(vector.payload.utf8))
        #expect(base64URL(signature) == vector.signature)
        #expect(try VerifyingKey(raw: key.publicKey).isValid(signature, for: Array(vector.payload.utf8)))
    }

    @Test("a key survives being written and read")
    func persistence() throws {
        let key = SigningKey.generate()
        let again = try SigningKey(pkcs8PEM: key.pkcs8PEM)
        #expect(again.publicKey == key.publicKey)
        #expect(try again.sign([1, 2, 3]) == key.sign([1, 2, 3]))
        #expect(SigningKey.generate().publicKey != key.publicKey)
    }

    @Test("a seed of another length than 32 bytes is refused", arguments: [0, 1, 31, 33, 64])
    func wrongSeed(_ count: Int) {
        let bytes = [UInt8](repeating: 7, count: count)
        #expect(throws: CryptoError.wrongLength(count)) { try SigningKey(seed: bytes) }
        #expect(throws: CryptoError.wrongLength(count)) { try VerifyingKey(raw: bytes) }
    }

    @Test(
        "what is no private key is refused",
        arguments: [
            "", "nonsense", "-----BEGIN PRIVATE KEY-----\n",
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYH\n-----END PRIVATE KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n"
                + "-----END PUBLIC KEY-----\n",
        ])
    func unreadable(_ pem: String) {
        let message = message { _ = try SigningKey(pkcs8PEM: pem) }
        #expect(message.contains(/no readable private key in PEM form: ./))
    }

    @Test("a key of another kind is refused")
    func otherKind() throws {
        let rsa = try SelfSignedCertificate.make(hosts: ["localhost"]).keyPEM
        #expect(throws: CryptoError.notEd25519) { try SigningKey(pkcs8PEM: rsa) }
    }

    @Test("an encrypted key is refused and nobody is asked for its password")
    func encrypted() {
        let pem = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgGNxbeDHbKwQICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDfdXPNHvFK07kLYDvW5hOIEQA0S
            uUz7v5q5DWUCwjvUCj/lSNfZ9jHCVJCGwlJvId7ci+SXPGli8LwD4YV2L64pNlF5
            CYZEyzZdRsFspry/dWY=
            -----END ENCRYPTED PRIVATE KEY-----
            """
        #expect(throws: CryptoError.self) { try SigningKey(pkcs8PEM: pem) }
    }

    @Test("a signature is worth nothing for other bytes, or when changed or cut")
    func invalidSignatures() throws {
        let key = SigningKey.generate()
        let verifying = try VerifyingKey(raw: key.publicKey)
        let signature = try key.sign([1, 2, 3])
        var changed = signature
        changed[40] ^= 1
        #expect(verifying.isValid(signature, for: [1, 2, 3]))
        #expect(!verifying.isValid(signature, for: [1, 2, 4]))
        #expect(!verifying.isValid(changed, for: [1, 2, 3]))
        #expect(!verifying.isValid(Array(signature.dropLast()), for: [1, 2, 3]))
        #expect(!verifying.isValid([], for: [1, 2, 3]))
    }
}

func base64URL(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let piece = bytes[start..<min(start + 3, bytes.count)]
        let bits = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32(start + $1 < bytes.count ? bytes[start + $1] : 0) }
        for index in 0...piece.count { text.append(alphabet[Int(bits >> (18 - 6 * UInt32(index)) & 63)]) }
    }
    return String(decoding: text, as: UTF8.self)
}

/// What the error of `body` says; empty: it threw none.
func message(of body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
}
