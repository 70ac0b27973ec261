import Glibc
import LinuxIO
import NodeCore
import NodeCrypto

/// The reasons for not being connected, in words for the person who can help.
struct LinkCondition {
    let gateway: GatewayEndpoint
    let deviceID: String
    /// What the gateway showed when it last was the pinned one.
    var knownCertificate: PeerCertificate?
    var pinsAreConfigured = false
    var owner = NodeOwner.user
    /// Whether the approval was asked for before, and did not come of it.
    var asksAnew = false

    private var certificateWords: CertificateWords {
        CertificateWords(gateway, owner, pinsAreConfigured: pinsAreConfigured)
    }

    /// How an OpenClaw gateway's operator sees whether it runs.
    static let askGateway = "openclaw gateway status"

    func condition(for end: Disconnect, trouble: Reaction.Trouble?) -> Condition {
        switch end.cause {
        case .refused(let refusal) where end.retry == .approval: approval(refusal)
        case .refused(let refusal): refused(refusal, trouble)
        case .transport(.tls(.unusableCAFile(let path, let reason))):
            Condition(
                id: "certificate", severity: .error, summary: "no CA certificates can be read from \(path): \(reason)",
                remedy:
                    "name the file in which the gateway's CA is as caFile, or with --ca-file; then: \(owner.restart)"
            )
        case .transport(.tls(.outOfTime(let reason, let clock, _))):
            certificateWords.outOfTime(reason, clock: clock, isDistrust: end.cause.isDistrust)
        case .transport(.tls(.pinMismatch(let presented))):
            certificateWords.mismatch(presented, known: knownCertificate)
        case .transport(.tls(.untrusted(let reason, let presented))):
            certificateWords.distrust(reason, presented)
        case .transport(.tls(.hostMismatch(let host, let presented))):
            certificateWords.distrust("it is not for \(host)", presented)
        case .transport(.redirected(let place)):
            Condition(
                id: "gateway-redirects", severity: .error, summary: "no connection to \(gateway): \(end.cause)",
                remedy: place.hasSuffix(".cloudflareaccess.com")
                    ? "set CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET for the daemon: it is Cloudflare Access that asks"
                    : "if that is the gateway: \(owner.clawnode) join \(place.shellWord)")
        case .transport(.speaksTLS), .transport(.tls(.plainHTTP)): otherScheme(end)
        case .closed(.serviceRestart, let reason):
            Condition(
                id: "gateway-unreachable", severity: .warning,
                summary: "the gateway \(gateway) restarts (1012 \(reason)); it is tried again by itself")
        default:
            Condition(
                id: "gateway-unreachable", severity: .warning, summary: "no connection to \(gateway): \(end.cause)",
                remedy: remedy(for: end.cause))
        }
    }

    /// Here where it is here that something is missing, else at the gateway.
    private func remedy(for cause: Disconnect.Cause) -> String {
        switch cause {
        // Debian asks the local network for names only with this.
        case .transport(.resolution) where gateway.host.hasSuffix(".local"): "sudo apt install libnss-mdns"
        case .transport(.resolution):
            "getent hosts \(gateway.host), and if it is called otherwise: \(owner.clawnode) join wss://NAME:\(gateway.port)"
        case .transport(.proxy(let proxy, .unreachable)): "curl -v -x \(proxy.shellWord) https://\(gateway.authority)/"
        case .transport(.proxy(_, .credentials)):
            "set https_proxy=http://USER:PASSWORD@PROXY:PORT in the daemon's environment"
        case .transport(.proxy(let proxy, .unspoken)):
            "ask who runs \(proxy) to offer Basic, or set https_proxy to a proxy beside this node that speaks for it, such as cntlm"
        case .transport(.proxy(let proxy, .refused)):
            "ask who runs \(proxy) to let CONNECT \(gateway.authority) through"
        case .transport(.proxy(_, .malformed)): "name the proxy's kind and port, as in https_proxy=http://PROXY:PORT"
        // Who stands before a gateway says this of one that does not run; another status is no gateway's.
        case .transport(.upgradeRefused(let status, _)) where !(500...599).contains(status):
            "\(owner.clawnode) join \(gateway.isTLS ? "wss" : "ws")://\(gateway.host):PORT/PATH, with the port and the path where the gateway listens"
        case .transport(.tooFar): "\(owner.clawnode) join wss://\(gateway.authority)"
        case .transport(.unreachable(let error, let address?)) where error.isOfRoutes: "ip route get \(address.host)"
        default: Self.askGateway
        }
    }

    private func otherScheme(_ end: Disconnect) -> Condition {
        let other = gateway.withOtherScheme
        return Condition(
            id: "gateway-scheme", severity: .error,
            summary: "no connection to \(gateway): \(end.cause)"
                + (other.map { ", so its URL is \($0)" } ?? "; plain connections go to loopback only"),
            remedy: other.map { "\(owner.clawnode) join \($0.shellWord)" }
                ?? "ssh -N -L 18789:127.0.0.1:\(gateway.port) \(gateway.host), then \(owner.clawnode) join ws://127.0.0.1:18789"
        )
    }

    private func approval(_ refusal: GatewayRefusal) -> Condition {
        let id = refusal.approvalRequestID
        let why =
            switch refusal.details.reason {
            case "role-upgrade": " again: it was no node before, or its token was revoked"
            case "metadata-upgrade": " again: it says of itself what it did not say before"
            default: ""
            }
        return Condition(
            id: "device-approval", severity: .warning,
            summary: "the gateway's operator has to approve this device (\(deviceID.prefix(12))…)" + why
                + (asksAnew ? "; a request before this one was rejected, or has expired" : ""),
            remedy: id.map { "openclaw devices approve \($0)" } ?? "openclaw devices list")
    }

    private func refused(_ refusal: GatewayRefusal, _ trouble: Reaction.Trouble?) -> Condition {
        let summary = "the gateway refused this node: \(refusal.message)"
        switch trouble {
        case .credentials?:
            return Condition(
                id: "credentials", severity: .error, summary: summary,
                remedy:
                    "\(owner.clawnode) join \(gateway.shellWord) --token-file FILE, with the gateway's current token in FILE"
            )
        case .bootstrapToken?:
            return Condition(
                id: "bootstrap-token", severity: .error,
                summary: summary + "; the setup code is used up or has expired, and its operator makes a new one with: "
                    + "openclaw devices join-code",
                remedy: "\(owner.clawnode) join LINK, with the new one for LINK")
        case .rateLimit?:
            return Condition(
                id: "rate-limit", severity: .warning, summary: summary,
                remedy: "wait; it is tried again by itself")
        case .identity?:
            return Condition(
                id: "identity", severity: .error, summary: summary, remedy: "openclaw devices list")
        case .protocolVersion?:
            return Condition(
                id: "protocol", severity: .error, summary: summary + "; this node speaks protocols 3 and 4",
                remedy: "openclaw --version")
        case .pairingRejected?:
            return Condition(
                id: "pairing-rejected", severity: .error, summary: summary, remedy: "openclaw devices list")
        case .gatewaySetup?:
            return Condition(
                id: "gateway-auth", severity: .warning,
                summary: summary + "; that is for its operator to mend, in its own setup",
                remedy: "openclaw doctor")
        case .rejectedFrame?:
            return Condition(id: "rejected-frame", severity: .error, summary: summary, remedy: "clawnode version")
        case nil: return Condition(id: "gateway-refused", severity: .warning, summary: summary)
        }
    }

    static let surfaceApprovalID = "surface-approval"

    /// After the device, newer gateways want its commands approved too, and never tell the node (openclaw-gateway §5.2, §5.8).
    /// `widening`: what is offered beyond what was approved before; nil where nothing is known of that.
    static func surfaceApproval(_ widening: [String]?) -> Condition {
        Condition(
            id: surfaceApprovalID, severity: .note,
            summary: widening.map {
                "this node offers more than before, which the gateway's operator may have to approve: "
                    + $0.joined(separator: " ")
            }
                ?? "no command has been asked for yet: the gateway's operator may still have to approve this node's commands",
            remedy: "openclaw nodes pending, then openclaw nodes approve REQUEST-ID")
    }
}

extension Condition {
    /// What explains it to whoever finds it in the log.
    var messageID: MessageID {
        switch id {
        case "credentials", "bootstrap-token": .credentials
        case "identity", "pairing-rejected": .deviceRefused
        case "certificate": .certificate
        case "gateway-scheme": .gatewayScheme
        case "protocol", "rejected-frame": .protocolMismatch
        case "rate-limit", "gateway-refused", "gateway-auth": .gatewayRefused
        default: .gatewayUnreachable
        }
    }
}
