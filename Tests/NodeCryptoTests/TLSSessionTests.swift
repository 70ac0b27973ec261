import Glibc
import Testing

@testable import NodeCrypto

/// Two sessions, each fed with what the other sends, as far as that goes.
struct Pair {
    let client: TLSSession
    let server: TLSSession

    init(_ trust: TLSTrust, host: String, certificate: SelfSignedCertificate) throws {
        client = try TLSSession(client: TLSClientContext(trust: trust), serverName: host)
        server = try TLSSession(server: TLSServerContext(certificate: certificate))
    }

    /// Throws what the client throws. True when both are done.
    func shakeHands() throws -> Bool {
        var (clientIsDone, serverIsDone) = (false, false)
        for _ in 0..<4 {
            if !clientIsDone { clientIsDone = try client.handshake() }
            try pass(from: client, to: server)
            if !serverIsDone { serverIsDone = try server.handshake() }
            try pass(from: server, to: client)
        }
        return clientIsDone && serverIsDone
    }

    func pass(from sender: TLSSession, to receiver: TLSSession) throws {
        var bytes = [UInt8](repeating: 0, count: sender.outgoingCount)
        #expect(bytes.withUnsafeMutableBytes { sender.takeOutgoing(into: $0) } == bytes.count)
        try bytes.withUnsafeBytes { try receiver.receive($0) }
    }
}

extension TLSSession {
    func write(_ text: String) throws {
        try Array(text.utf8).withUnsafeBytes { try write($0) }
    }

    func readText() throws -> String? {
        var buffer = [UInt8](repeating: 0, count: 100)
        return try buffer.withUnsafeMutableBytes { try read(into: $0) }
            .map { String(decoding: buffer.prefix($0), as: UTF8.self) }
    }
}

@Suite struct TLSSessionTests {
    static let certificate = Result {
        try SelfSignedCertificate.make(hosts: ["node.test", "127.0.0.1", "::1", "fe80::1"])
    }

    private let certificate: SelfSignedCertificate

    init() throws {
        certificate = try Self.certificate.get()
    }

    @Test("with the right pin both sides agree, whatever the name", arguments: ["fingerprint", "public key"])
    func pinned(_ kind: String) throws {
        let pin = try CertificatePin(kind == "fingerprint" ? certificate.fingerprint : certificate.spkiPin)
        let other = try CertificatePin(String(repeating: "0", count: 64))
        let pair = try Pair(.pins([other, pin]), host: "whatever.test", certificate: certificate)
        #expect(try pair.shakeHands())
        #expect(pair.client.pinnedCertificate?.fingerprint == certificate.fingerprint)
        #expect(pair.client.pinnedCertificate?.publicKeyPin == certificate.spkiPin)
        #expect(pair.client.pinnedCertificate?.subject == "CN=node.test")
        #expect(pair.server.pinnedCertificate == nil)

        try pair.client.write("hello")
        try pair.pass(from: pair.client, to: pair.server)
        #expect(try pair.server.readText() == "hello")
        #expect(try pair.server.readText() == nil)
        try pair.server.write("good day")
        try pair.pass(from: pair.server, to: pair.client)
        #expect(try pair.client.readText() == "good day")
    }

    @Test("with a wrong pin the client refuses and tells the fingerprint shown")
    func wrongPin() throws {
        let pin = try CertificatePin(String(repeating: "0", count: 64))
        let pair = try Pair(.pins([pin]), host: "node.test", certificate: certificate)
        #expect(try mismatched(pair).fingerprint == certificate.fingerprint)
    }

    private func mismatched(_ pair: Pair) throws -> PeerCertificate {
        do {
            _ = try pair.shakeHands()
        } catch TLSError.pinMismatch(let presented) {
            #expect(pair.client.pinnedCertificate == nil)
            return presented
        }
        throw TLSError.closed
    }

    @Test("a renewed certificate is another one by its fingerprint, and the same by its key")
    func renewed() throws {
        let renewed = try certificate.renewed(hosts: ["node.test"])
        let old = try Pair(
            .pins([try CertificatePin(certificate.fingerprint)]), host: "node.test", certificate: renewed)
        let presented = try mismatched(old)
        #expect(presented.fingerprint == renewed.fingerprint && renewed.fingerprint != certificate.fingerprint)
        #expect(presented.publicKeyPin == certificate.spkiPin)
        #expect(abs((presented.validFrom ?? 0) - time(nil) + 86_400) < 3_600)
        let byKey = try Pair(.pins([try CertificatePin(certificate.spkiPin)]), host: "x.test", certificate: renewed)
        #expect(try byKey.shakeHands())
    }

    @Test("no pin at all is not trust")
    func noPin() throws {
        let pair = try Pair(.pins([]), host: "node.test", certificate: certificate)
        #expect(try mismatched(pair).fingerprint == certificate.fingerprint)
    }

    @Test("a self-signed certificate is not trusted by itself, and its fingerprint is told")
    func untrusted() throws {
        let pair = try Pair(.system, host: "node.test", certificate: certificate)
        let expected = TLSError.untrusted(reason: "self-signed certificate", presented: certificate.fingerprint)
        #expect(throws: expected) { try pair.shakeHands() }
        #expect(expected.description.contains(certificate.fingerprint))
    }

    @Test(
        "a CA file makes it trusted, for its names and addresses",
        arguments: ["node.test", "NODE.test", "node.test.", "127.0.0.1", "::1", "fe80::1%eth0"])
    func caFile(_ host: String) throws {
        try withFile(certificate.certificatePEM) { path in
            let pair = try Pair(.systemAnd(caFile: path), host: host, certificate: certificate)
            #expect(try pair.shakeHands())
        }
    }

    @Test(
        "a trusted certificate for somebody else is refused",
        arguments: ["other.test", "127.0.0.2", "::2", "x.node.test"])
    func wrongHost(_ host: String) throws {
        try withFile(certificate.certificatePEM) { path in
            let pair = try Pair(.systemAnd(caFile: path), host: host, certificate: certificate)
            let expected = TLSError.hostMismatch(expected: host, presented: certificate.fingerprint)
            #expect(throws: expected) { try pair.shakeHands() }
        }
    }

    @Test(
        "a certificate out of its time is refused",
        arguments: [(-200...(-100), TLSError.Untimeliness.expired), (100...200, .notYetValid)])
    func outOfTime(_ validity: ClosedRange<Int>, _ reason: TLSError.Untimeliness) throws {
        let certificate = try SelfSignedCertificate.make(hosts: ["node.test"], validity: validity)
        try withFile(certificate.certificatePEM) { path in
            let pair = try Pair(.systemAnd(caFile: path), host: "node.test", certificate: certificate)
            do {
                _ = try pair.shakeHands()
                Issue.record("believed")
            } catch TLSError.outOfTime(reason, let clock, certificate.fingerprint) {
                #expect(abs(clock - time(nil)) < 60)
            }
        }
    }

    @Test("a clock that is wrong is named with what it says")
    func clockIsNamed() {
        let error = TLSError.outOfTime(.notYetValid, clock: 200, presented: "ab")
        #expect(error.description.contains("not yet valid by this machine's clock, which says 1970-01-01 00:03 UTC"))
    }

    @Test("a CA file that is missing or holds no certificate is said to be so")
    func unusableCAFile() throws {
        #expect(throws: TLSError.unusableCAFile("/nowhere/ca.pem", reason: "No such file or directory")) {
            try TLSClientContext(trust: .systemAnd(caFile: "/nowhere/ca.pem"))
        }
        try withFile("not a certificate") { path in
            let message = message { _ = try TLSClientContext(trust: .systemAnd(caFile: path)) }
            #expect(message.hasPrefix("no CA certificates can be read from \(path): no certificate"))
        }
    }

    @Test("a peer that does not speak TLS is a failure, not a hang")
    func garbage() throws {
        let client = try TLSSession(client: TLSClientContext(trust: .pins([])), serverName: "node.test")
        #expect(try !client.handshake())
        try Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).withUnsafeBytes { try client.receive($0) }
        #expect(
            message { _ = try client.handshake() } == "TLS failed: wrong version number: the server speaks plain HTTP")
    }

    @Test("the end one side announces is seen by the other, and nothing can be written after it")
    func shutdown() throws {
        let pin = try CertificatePin(certificate.fingerprint)
        let pair = try Pair(.pins([pin]), host: "node.test", certificate: certificate)
        #expect(try pair.shakeHands())
        pair.client.shutdown()
        try pair.pass(from: pair.client, to: pair.server)
        #expect(try pair.server.readText() == "")
        #expect(throws: TLSError.closed) { try pair.client.write("late") }
    }

    @Test("a megabyte arrives whole")
    func large() throws {
        let pin = try CertificatePin(certificate.fingerprint)
        let pair = try Pair(.pins([pin]), host: "node.test", certificate: certificate)
        #expect(try pair.shakeHands())
        let sent = SecureRandom.bytes(1 << 20)
        try sent.withUnsafeBytes { try pair.client.write($0) }
        try pair.pass(from: pair.client, to: pair.server)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 20_000)
        while let count = try buffer.withUnsafeMutableBytes({ try pair.server.read(into: $0) }) {
            received += buffer.prefix(count)
        }
        #expect(received == sent)
    }

    @Test("a certificate is for the names it was asked for only if they are names", arguments: ["a,DNS:b", "", "x\ny"])
    func unusableHosts(_ host: String) {
        #expect(throws: CryptoError.unusableHost(host)) { try SelfSignedCertificate.make(hosts: [host]) }
    }

    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        var template = Array("/tmp/clawnode-ca-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }
        let bytes = Array(text.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try body(path)
    }
}
