/// The published states of the gateway that a node meets in the wild; what differs between them (openclaw-gateway.md §11.1).
package enum GatewayRelease: String, CaseIterable, Sendable {
    /// 27 January 2026: protocol 3, signatures of version 2 only, errors without details, no second approval.
    case january
    /// 13 April 2026: protocol 3, device tokens, the first surface live at once.
    case april
    /// August to November 2026: protocol 4 (nodes at 3 accepted), the surface withheld until it is approved.
    case newest

    package var protocolVersion: Int { self == .newest ? 4 : 3 }

    package var serverVersion: String {
        switch self {
        case .january: "2026.1.27"
        case .april: "2026.4.13"
        case .newest: "2026.11.2"
        }
    }

    /// From the open socket to the accepted `connect` (§1.3).
    package var handshakeTimeout: Duration { .seconds(self == .newest ? 15 : 10) }

    /// The largest message before `connect` is accepted, in bytes; nil where the release knows no such limit (§1.2).
    package var frameLimitBeforeHello: Int? { self == .january ? nil : 65_536 }

    /// `policy.maxPayload`, in bytes.
    package var maxPayload: Int { self == .january ? 524_288 : 26_214_400 }

    /// `policy.maxBufferedBytes`.
    package var maxBufferedBytes: Int { self == .january ? 1_572_864 : 52_428_800 }

    /// How far `signedAt` may be from the gateway's clock, in milliseconds (§3.3).
    package var skewMilliseconds: Int { self == .january ? 600_000 : 120_000 }

    /// The signed strings it tries (§3.4).
    package var signatureVersions: [ProofVersion] { self == .january ? [.v2] : [.v3, .v2] }

    /// Whether refusals say in `details` what to do.
    var givesDetails: Bool { self != .january }

    /// Whether a node that meets this range of protocols is let in (§2.6).
    func accepts(_ offered: ClosedRange<Int>, asNode isNode: Bool) -> Bool {
        offered.contains(protocolVersion) || (self == .newest && isNode && offered.contains(3))
    }

    /// Which of the declared commands run before an operator has approved them (§5.2).
    enum SurfaceRule: Sendable {
        case noApproval, firstIsLive, withheld
    }

    var surfaceRule: SurfaceRule {
        switch self {
        case .january: .noApproval
        case .april: .firstIsLive
        case .newest: .withheld
        }
    }

    /// The methods that a node may call (§6.1).
    var nodeMethods: Set<String> {
        let first: Set = ["node.invoke.result", "node.event", "skills.bins"]
        let pending: Set = ["node.pending.pull", "node.pending.ack", "node.pending.drain"]
        return switch self {
        case .january: first
        case .april: first.union(pending).union(["node.canvas.capability.refresh"])
        case .newest:
            first.union(pending).union([
                "node.invoke.progress", "node.pluginSurface.refresh", "node.pluginTools.update", "node.skills.update",
                "node.protocolFeatures.update",
            ])
        }
    }

    /// Whether it tells the node of an invocation that nobody waits for any more (§6.4).
    var announcesCancel: Bool { self == .newest }
}

/// The forms of the string that a device signs.
package enum ProofVersion: String, CaseIterable, Sendable {
    case v1, v2, v3
}
