import NodeCore

extension GatewayLink {
    package struct Settings: Sendable {
        package var gateway: GatewayEndpoint
        package var profile: NodeProfile
        package var identity: DeviceIdentity
        package var secret: SharedSecret
        /// The setup code's that this gateway was joined with.
        package var bootstrapToken: BootstrapToken?
        /// Whether what answers there is the gateway for sure: on this machine, or with the certificate that the owner named.
        package var isTrusted: Bool
        package var dialect: DialectSetting
        /// What makes this node one of a GoClaw gateway's compute nodes.
        package var nodeKey: GoClawNodeKey?
        /// How many invocations may be under way at once.
        package var invocationLimit: Int
        /// Whether the gateway's pins are the configuration's, and not those that `join` has stored.
        package var pinsAreConfigured = false
        /// Who is told what mends things.
        package var owner = NodeOwner.user
        /// What OpenClaw gateways are told by themselves.
        package var bulletins: [Bulletin] = []

        package init(
            gateway: GatewayEndpoint, profile: NodeProfile, identity: DeviceIdentity, secret: SharedSecret,
            bootstrapToken: BootstrapToken? = nil, isTrusted: Bool = false, dialect: DialectSetting,
            nodeKey: GoClawNodeKey? = nil, invocationLimit: Int
        ) {
            self.gateway = gateway
            self.profile = profile
            self.identity = identity
            self.secret = secret
            self.bootstrapToken = bootstrapToken
            self.isTrusted = isTrusted
            self.dialect = dialect
            self.nodeKey = nodeKey
            self.invocationLimit = invocationLimit
        }
    }
}
