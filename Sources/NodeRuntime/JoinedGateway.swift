import Gateway
import NodeCrypto

/// The gateway that this node is to connect to, whom to believe there, and the secret that its owner shared.
package struct JoinedGateway: Sendable {
    package let endpoint: GatewayEndpoint
    package let trust: TLSTrust
    package let secret: SharedSecret
    package let dialect: DialectSetting

    /// The configured one, else the one in `record`, which `join` wrote; nil for neither.
    package init?(_ configuration: Configuration, record: GatewayRecord?) throws(EndpointError) {
        let record = configuration.gateway == nil ? record : nil
        if let configured = configuration.gateway {
            endpoint = configured
        } else {
            guard let record else { return nil }
            endpoint = try GatewayEndpoint(record.url)
        }
        var pins = configuration.pins
        // A pin that `join` wrote was checked by it.
        if pins.isEmpty { pins = (record?.tlsFingerprints ?? []).compactMap { try? CertificatePin($0) } }
        let caFile = configuration.caFile ?? record?.caFile
        trust = pins.isEmpty ? caFile.map { .systemAnd(caFile: $0) } ?? .system : .pins(pins)
        var secret = configuration.secret
        if secret.token == nil && secret.password == nil { secret.token = record?.token }
        self.secret = secret
        // A newer version of ours may have joined what this one does not speak; it finds out.
        dialect = configuration.dialect ?? record?.dialect.flatMap(DialectSetting.init(rawValue:)) ?? .auto
    }
}
