import NodeCore

/// What came of a GoClaw `connect` (goclaw-gateway §2.2, §2.3).
enum GoClawAnswer: Equatable, Sendable {
    case admitted(GoClawHello)
    /// `ok`, and not let in.
    case pairing(code: String, senderID: String)
    case refused(GoClawFault)

    init(_ result: Result<JSONTree?, GoClawFault>) {
        switch result {
        case .failure(let fault): self = .refused(fault)
        case .success(let payload):
            if payload?["status"]?.string == "pending_pairing" {
                let sender = payload?["sender_id"]?.string ?? ""
                self =
                    SenderID.isProper(sender)
                    ? .pairing(code: (payload?["pairing_code"]?.string ?? "").cut(to: 64), senderID: sender)
                    : .refused(GoClawFault("INTERNAL", "a pairing without a usable sender_id"))
            } else {
                self = .admitted(GoClawHello(payload))
            }
        }
    }
}

/// The payload that lets us in: of it, only the protocol and the role are always there.
struct GoClawHello: Equatable, Sendable {
    /// What we may do; a role that is not known may do the least, and is no refusal as a viewer's may be (R15, §2.4).
    enum Role: String, Comparable, Sendable {
        case unknown, viewer, `operator`, admin, owner

        private var rank: Int {
            switch self {
            case .unknown, .viewer: 0
            case .operator: 1
            case .admin: 2
            case .owner: 3
            }
        }

        static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
    }

    var role: Role
    var protocolVersion: Int
    var serverVersion: String

    init(_ payload: JSONTree?) {
        role = Role(rawValue: payload?["role"]?.string ?? "") ?? .unknown
        protocolVersion = payload?["protocol"]?.integer ?? 3
        serverVersion = (payload?["server"]?["version"]?.string ?? "").cut(to: 64)
    }

    init(role: Role, protocolVersion: Int = 3, serverVersion: String = "") {
        self.role = role
        self.protocolVersion = protocolVersion
        self.serverVersion = serverVersion
    }

    /// Whether an answer to OpenClaw's `connect` is in truth GoClaw's (§6.3).
    static func isMeant(by payload: JSONTree?) -> Bool {
        guard let payload else { return false }
        if payload["server"]?["name"]?.string == "goclaw" || payload["status"]?.string == "pending_pairing" {
            return true
        }
        return payload["protocol"] != nil && payload["role"] != nil && payload["type"] == nil
    }

    /// As the status shows it. These gateways send no tick; two intervals are as long as one may be silent (C13).
    var hello: Hello {
        Hello(
            protocolVersion: protocolVersion, serverVersion: serverVersion, role: role.rawValue,
            maxPayload: GoClawLimits.message, tickInterval: GoClawLimits.silence / 2, dialect: .goclaw)
    }
}

enum SenderID {
    /// `^[a-zA-Z0-9][a-zA-Z0-9._:@-]*$`, at most 128 (§3.2).
    static func isProper(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, first.isASCIIAlphanumeric else { return false }
        return text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._:@-".utf8.contains($0) }
    }
}

/// What GoClaw gateways put up with (§1.3), and what we do.
enum GoClawLimits {
    /// A larger message costs the connection: 512 KiB, with something to spare.
    static let message = 480 << 10
    /// What is taken from them, who know no limit for it themselves.
    static let incoming = 16 << 20
    /// Of the output of one command, this much is kept.
    static let output = 64 << 10
    /// From nothing heard to dead: two and a half of the server's pings.
    static let silence = Duration.seconds(75)
    static let ping = Duration.seconds(25)
    static let pong = Duration.seconds(10)
    static let call = Duration.seconds(30)
    static let connect = Duration.seconds(10)
    /// For how long a gateway may take nothing of what is sent to it (§7.1, D11).
    static let write = Duration.seconds(10)
}

extension Hello {
    init(
        protocolVersion: Int, serverVersion: String, role: String, maxPayload: Int, tickInterval: Duration,
        dialect: Dialect
    ) {
        self.protocolVersion = protocolVersion
        self.serverVersion = serverVersion
        self.role = role
        scopes = []
        furtherTokens = []
        takesProgress = false
        self.maxPayload = maxPayload
        self.tickInterval = tickInterval
        self.dialect = dialect
    }
}
