import Testing

@testable import NodeCrypto

@Suite struct DigestTests {
    @Test("SHA-256 is that of FIPS 180")
    func sha256() {
        #expect(
            Hexadecimal.text(Digest.sha256([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Hexadecimal.text(Digest.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("SHA-1 is that of FIPS 180")
    func sha1() {
        #expect(Hexadecimal.text(Digest.sha1(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    @Test("hexadecimal text goes both ways")
    func hexadecimal() {
        let all = [UInt8](0...255)
        #expect(Hexadecimal.bytes(Hexadecimal.text(all)) == all)
        #expect(Hexadecimal.bytes("0aFf") == [10, 255])
        #expect(Hexadecimal.bytes("") == [])
        #expect(Hexadecimal.bytes("abc") == nil)
        #expect(Hexadecimal.bytes("0g") == nil)
    }
}

@Suite struct SecureRandomTests {
    @Test("as many bytes as asked for, different each time", arguments: [1, 16, 255, 256, 257, 1_000])
    func bytes(_ count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
        if count >= 16 { #expect(SecureRandom.bytes(count) != SecureRandom.bytes(count)) }
        // 1,000 bytes hold about 250 different values; one piece forgotten would show as zeros.
        if count == 1_000 { #expect(Set(SecureRandom.bytes(count).suffix(200)).count > 60) }
    }

    @Test("a UUID is of version 4 and new each time")
    func uuid() throws {
        let uuid = SecureRandom.uuid()
        #expect(uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(SecureRandom.uuid() != uuid)
    }
}
