import Gateway
import NodeCrypto

/// The gateway that this node is to connect to, whom to believe there, and the secret that its owner shared.
package struct JoinedGateway: Sendable {
    /// In order of preference; at least one. The first is the name under which what the gateway gave us is kept.
    package let ways: [GatewayWay]
    package let trust: TLSTrust
    package let secret: SharedSecret
    /// Whether what answers there is the gateway for sure: on this machine, or with the certificate that the owner named.
    package let isTrusted: Bool
    package let dialect: DialectSetting

    package var endpoint: GatewayEndpoint { ways[0].endpoint }

    /// The configured one, else the one in `record`, which `join` wrote; nil for neither.
    package init?(_ configuration: Configuration, record: GatewayRecord?) throws(EndpointError) {
        let record = configuration.gateway == nil ? record : nil
        var endpoints: [GatewayEndpoint] = []
        if let configured = configuration.gateway {
            endpoints = [configured]
        } else {
            guard let record else { return nil }
            let plaintext: Plaintext = record.allowPlaintextPrivate == true ? .privateNetworks : configuration.plaintext
            for url in [record.url] + (record.urls ?? []) {
                endpoints.append(try GatewayEndpoint(url, plaintext: plaintext))
            }
        }
        endpoints += configuration.gatewayAlternatives.filter { !endpoints.contains($0) }
        ways = endpoints.map { GatewayWay(to: $0, configuration) }
        var pins = configuration.pins
        // A pin that `join` wrote was checked by it.
        if pins.isEmpty { pins = (record?.tlsFingerprints ?? []).compactMap { try? CertificatePin($0) } }
        trust = TLSTrust(pins: pins, caFile: configuration.caFile ?? record?.caFile)
        isTrusted = endpoints.allSatisfy { $0.isLoopback || ($0.isTLS && !pins.isEmpty) }
        var secret = configuration.secret
        if secret.token == nil && secret.password == nil {
            secret = SharedSecret(token: record?.token, password: record?.password)
        }
        self.secret = secret
        // A newer version of ours may have joined what this one does not speak; it finds out.
        dialect = configuration.dialect ?? record?.dialect.flatMap(DialectSetting.init(rawValue:)) ?? .auto
    }
}
