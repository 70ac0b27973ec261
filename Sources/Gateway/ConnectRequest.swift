import NodeCrypto

/// The first frame of a connection (openclaw-gateway §2.3). Its schema is closed: what is not known is left out, never null.
struct ConnectRequest: Encodable {
    var type = "req"
    var id: String
    var method = "connect"
    var params: Params

    struct Params: Encodable {
        // This range is accepted by every gateway since January 2026 (§2.6).
        var minProtocol = 3
        var maxProtocol = 4
        var client: Client
        var role = "node"
        var scopes: [String] = []
        var caps: [String]
        var commands: [String]
        var permissions: [String: Bool]
        var auth: Auth?
        var locale: String?
        var userAgent: String
        var device: Device
    }

    struct Client: Encodable {
        var id = "node-host"
        var displayName: String?
        var version: String
        // Exactly these two, for ever: they are pinned at approval, and newer gateways know a Linux node by both (§7.2).
        var platform = "linux"
        var deviceFamily = "Linux"
        var modelIdentifier: String?
        var mode = "node"
        var instanceId: String
    }

    struct Auth: Encodable {
        var token: String?
        var password: String?
        var deviceToken: String?
        var bootstrapToken: String?
    }

    struct Device: Encodable {
        var id: String
        var publicKey: String
        var signature: String
        var signedAt: Int
        var nonce: String
    }

    init(
        id: String, profile: NodeProfile, identity: DeviceIdentity, credential: Credential, signature: SignatureVersion,
        challenge: Challenge
    ) throws(CryptoError) {
        self.id = id
        let client = Client(
            displayName: profile.displayName.isEmpty ? nil : profile.displayName, version: profile.version,
            modelIdentifier: profile.modelIdentifier, instanceId: profile.instanceID ?? identity.instanceID)
        let auth = credential.auth
        let signed = DeviceSignature(
            deviceID: identity.deviceID, clientID: client.id, clientMode: client.mode, role: "node", scopes: [],
            signedAt: challenge.signedAt, token: auth?.token ?? auth?.deviceToken ?? auth?.bootstrapToken ?? "",
            nonce: challenge.nonce, platform: client.platform, deviceFamily: client.deviceFamily)
        params = Params(
            client: client, caps: profile.caps, commands: profile.commands, permissions: profile.permissions,
            auth: auth, locale: profile.locale, userAgent: "clawnode/\(profile.version)",
            device: Device(
                id: identity.deviceID, publicKey: identity.publicKey,
                signature: try signed.signed(with: identity.key, signature), signedAt: challenge.signedAt,
                nonce: challenge.nonce))
    }
}

/// What the gateway opens with; the connect frame signs it (§2.2, §3.5).
struct Challenge: Equatable, Sendable {
    var nonce: String
    /// Milliseconds of the gateway's wall clock.
    var signedAt: Int
}
