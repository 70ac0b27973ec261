import NodeCore

/// A request as GoClaw gateways want it: the id is a string, and what is not there is left out (goclaw-gateway §4.1, R19).
struct GoClawRequest<Params: Encodable>: Encodable {
    var type = "req"
    var id: String
    var method: String
    var params: Params
}

/// The params of `connect` for every family of the protocol (§2.1).
struct GoClawConnect: Encodable {
    var token: String?
    var userID: String
    var senderID: String?
    var locale: String
    var protocolVersion = 3
    var role = "node"
    var mode = "node"
    var instanceId: String
    var clientName = "node-host"
    var clientDisplayName: String?
    var platform = "linux"
    var caps: [String]
    var commands: [String]

    private enum CodingKeys: String, CodingKey {
        case token, locale, protocolVersion, role, mode, instanceId, clientName, clientDisplayName, platform, caps
        case commands
        case userID = "user_id"
        case senderID = "sender_id"
    }

    init(_ profile: NodeProfile, _ identity: DeviceIdentity, _ credential: PairingProcedure.Credential) {
        switch credential {
        case .token(let token, let sender): (self.token, senderID) = (token, sender)
        case .sender(let sender): senderID = sender
        case .nothing: break
        }
        userID = Self.userID(profile, identity)
        // Its texts are in this language; we go by the codes.
        locale = String(profile.locale?.prefix { $0 != "-" && $0 != "_" } ?? "en")
        instanceId = profile.instanceID ?? identity.instanceID
        clientDisplayName = profile.displayName.isEmpty ? nil : profile.displayName
        caps = profile.caps
        commands = profile.commands
    }

    /// All that operators see of a node at a gateway without nodes: so it has its name in it, and a part of what is its alone.
    static func userID(_ profile: NodeProfile, _ identity: DeviceIdentity) -> String {
        let name = profile.displayName.utf8.prefix(64).map { $0.isASCIIAlphanumeric ? $0 : UInt8(ascii: "-") }
        let id = identity.deviceID.prefix(8)
        return name.isEmpty ? "node:\(id)" : "node:\(String(decoding: name, as: UTF8.self)):\(id)"
    }
}

struct PairingStatusParams: Encodable {
    var senderID: String

    private enum CodingKeys: String, CodingKey {
        case senderID = "sender_id"
    }
}

/// Camel case, unlike the two before (§3.2).
struct PairingRequestParams: Encodable {
    var senderId: String
    var channel = "browser"
    var chatId = ""
    /// Our own: the quota of those who wait is counted for each account.
    var accountId: String

    /// Never the same twice: a sender whose pairing has ended cannot be paired again under its name.
    init(_ identity: DeviceIdentity, wallMs: Int) {
        accountId = "node:\(identity.deviceID.prefix(16))"
        senderId = "\(accountId):\(wallMs / 1000)"
    }
}

struct NodeRegisterParams: Encodable {
    var nodeKey: String
    var name: String
    var platform: String
    var capabilities = ["exec"]
}

struct NoParameters: Encodable {}
