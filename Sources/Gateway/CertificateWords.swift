import LinuxIO
import NodeCore
import NodeCrypto

/// What is wrong with the certificate that a gateway has shown, and the line to run once its owner says that it is right.
struct CertificateWords {
    private let gateway: GatewayEndpoint
    private let owner: NodeOwner
    private let pinsAreConfigured: Bool

    /// Pins of the configuration beat those that `join` keeps.
    init(_ gateway: GatewayEndpoint, _ owner: NodeOwner = .user, pinsAreConfigured: Bool = false) {
        self.gateway = gateway
        self.owner = owner
        self.pinsAreConfigured = pinsAreConfigured
    }

    func distrust(_ reason: String, _ presented: String) -> Condition {
        Condition(
            id: "certificate", severity: .error,
            summary:
                "the certificate of \(gateway) is not trusted: \(reason) (its SHA-256 fingerprint is \(presented))",
            remedy: "compare the fingerprint with the gateway's own, then: \(repin(presented))")
    }

    /// The clock is what to look at first where it cannot be right, and where it is behind; else the certificate is.
    func outOfTime(_ reason: TLSError.Untimeliness, clock: Int, isDistrust: Bool) -> Condition {
        let time = WallClock.text(.universal, at: clock * 1_000)
        let now = "\(time.date) \(time.clock.prefix(5)) UTC"
        guard isDistrust else {
            return Condition(
                id: "clock", severity: .error,
                summary: "the \(reason.rawValue) that \(gateway) shows: this machine's clock says \(now)",
                remedy: "sudo timedatectl set-ntp true")
        }
        return Condition(
            id: "certificate", severity: .error,
            summary: "the \(reason.rawValue) that \(gateway) shows; this machine's clock says \(now)",
            remedy: "renew it on the gateway's machine; if it is the clock that is wrong: sudo timedatectl set-ntp true"
        )
    }

    /// Who has the same key is the same server. A name can be written into a certificate by anybody.
    func mismatch(_ presented: PeerCertificate, known: PeerCertificate?) -> Condition {
        let made = presented.validFrom.map { " on \(WallClock.text(.universal, at: $0 * 1_000).date)" } ?? ""
        let change: String
        var pin = presented.fingerprint
        if let known, known.publicKeyPin == presented.publicKeyPin {
            change = "it was renewed\(made), with the same key as before"
            // The key outlives the next renewal, too.
            pin = presented.publicKeyPin
        } else if let known, known.subject == presented.subject, known.issuer == presented.issuer {
            change = "it was made anew\(made), with another key; only the name is the same, \(presented.subject)"
        } else if let known {
            change = "it is \(presented.subject), made\(made) by \(presented.issuer), where \(known.subject) was before"
        } else {
            change = "it is \(presented.subject), made\(made) by \(presented.issuer)"
        }
        return Condition(
            id: "certificate", severity: .error,
            summary: "the certificate of \(gateway) is not the pinned one: \(change) (its SHA-256 fingerprint is "
                + "\(presented.fingerprint))",
            remedy: "compare the fingerprint with the gateway's own, then: \(repin(pin))")
    }

    private func repin(_ pin: String) -> String {
        pinsAreConfigured
            ? "\"tlsFingerprints\": [\"\(pin)\"] in the configuration, then: \(owner.restart)"
            : "\(owner.clawnode) join \(gateway.shellWord) --tls-fingerprint \(pin)"
    }
}
