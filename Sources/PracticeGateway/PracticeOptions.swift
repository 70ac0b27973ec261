import LinuxIO
import NodeCrypto

/// How a practice gateway behaves for its whole life.
package struct PracticeOptions: Sendable {
    package var release: GatewayRelease = .newest
    /// Port 0: any free one. Not loopback only where a test has a network of its own.
    package var address = SocketAddress.loopback(port: 0)
    package var authentication: Authentication = .open
    /// The gateway's certificate; nil: plain `ws`.
    package var certificate: SelfSignedCertificate?
    /// `gateway.nodes.commands.allow`.
    package var allowedCommands: [String] = []
    package var deniedCommands: [String] = []
    /// Devices are paired as they come, as a gateway does with local ones unless told otherwise.
    package var approvesDevices = false
    package var approvesSurfaces = false
    /// `policy.tickIntervalMs`.
    package var tickInterval: Duration = .seconds(30)
    /// Nil: the release's.
    package var handshakeTimeout: Duration?
    /// In bytes; nil: the release's.
    package var maxPayload: Int?

    package init() {}

    package init(release: GatewayRelease) {
        self.release = release
    }

    var payloadLimit: Int { maxPayload ?? release.maxPayload }
}
