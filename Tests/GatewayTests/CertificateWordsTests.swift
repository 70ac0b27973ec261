import NodeCore
import NodeCrypto
import Testing

@testable import Gateway

@Suite struct CertificateWordsTests {
    private static func certificate(
        _ fingerprint: String = "cd", key: String = "sha256//key", subject: String = "CN=gateway",
        issuer: String = "CN=gateway"
    ) -> PeerCertificate {
        // 2 January 2026.
        PeerCertificate(
            fingerprint: fingerprint, publicKeyPin: key, subject: subject, issuer: issuer, validFrom: 1_767_312_000)
    }

    private static func words() throws -> CertificateWords {
        CertificateWords(try GatewayEndpoint("wss://gw.example:18789"))
    }

    @Test(
        "what has changed about a pinned certificate is said, with the line that pins the new one",
        arguments: [
            (certificate(), "it was renewed on 2026-01-02, with the same key as before", "sha256//key"),
            (
                certificate(key: "sha256//new"),
                "it was made anew on 2026-01-02, with another key; only the name is the same, CN=gateway", "cd"
            ),
            (
                certificate(key: "sha256//new", subject: "CN=x", issuer: "CN=y"),
                "it is CN=x, made on 2026-01-02 by CN=y, where CN=gateway was before", "cd"
            ),
        ])
    func mismatch(_ presented: PeerCertificate, _ change: String, _ pin: String) throws {
        let condition = try Self.words().mismatch(presented, known: Samples.certificate)
        #expect(condition.id == "certificate" && condition.severity == .error)
        #expect(
            condition.summary == "the certificate of wss://gw.example:18789 is not the pinned one: \(change) "
                + "(its SHA-256 fingerprint is cd)")
        #expect(
            condition.remedy == "compare the fingerprint with the gateway's own, then: "
                + "clawnode join wss://gw.example:18789 --tls-fingerprint \(pin)")
    }

    @Test("a pin that the configuration names is changed there")
    func configured() throws {
        let words = CertificateWords(try GatewayEndpoint("wss://gw.example"), pinsAreConfigured: true)
        #expect(
            words.mismatch(Self.certificate(), known: nil).remedy
                == "compare the fingerprint with the gateway's own, then: \"tlsFingerprints\": [\"cd\"] "
                + "in the configuration, then: restart clawnode")
    }

    @Test("what whoever looks after the machine's node types begins with sudo") func machines() throws {
        let words = CertificateWords(try GatewayEndpoint("wss://gw.example"), .machine)
        #expect(words.distrust("nobody signed it", "cd").remedy?.contains(", then: sudo clawnode join wss://") == true)
    }

    @Test("of a gateway whose certificate was never seen, the one shown is described")
    func unknown() throws {
        let condition = try Self.words().mismatch(Self.certificate(), known: nil)
        #expect(condition.summary.contains("it is CN=gateway, made on 2026-01-02 by CN=gateway"))
    }

    @Test("a clock in 1970 is what is wrong, and an expired certificate by a good clock is not")
    func clock() throws {
        let early = try Self.words().outOfTime(.notYetValid, clock: 200, isDistrust: false)
        #expect(early.id == "clock")
        #expect(early.summary.hasSuffix("this machine's clock says 1970-01-01 00:03 UTC"))
        #expect(early.remedy == "sudo timedatectl set-ntp true")
        let late = try Self.words().outOfTime(.expired, clock: 1_795_000_000, isDistrust: true)
        #expect(late.id == "certificate")
        #expect(late.summary.contains("certificate has expired"))
        #expect(late.remedy?.contains("renew it") == true)
    }

    @Test("a certificate that is believed by nobody comes with its fingerprint in the line to run")
    func distrust() throws {
        let condition = try Self.words().distrust("self-signed certificate", "ab12")
        #expect(condition.summary.contains("not trusted: self-signed certificate (its SHA-256 fingerprint is ab12)"))
        #expect(condition.remedy?.hasSuffix("--tls-fingerprint ab12") == true)
    }
}
