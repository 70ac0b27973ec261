import NodeCore

/// `hello-ok` of every release (openclaw-gateway §4), as far as a node uses it.
package struct Hello: Equatable, Sendable {
    package var protocolVersion: Int
    package var serverVersion: String
    package var deviceToken: String?
    package var role: String
    package var scopes: [String]
    /// The largest frame the gateway takes from us, in bytes.
    package var maxPayload: Int
    package var tickInterval: Duration
    package var dialect = Dialect.openclaw

    init(_ response: [UInt8]) throws(JSONFailure) {
        let body = try JSON.decode(Body.self, from: response).payload
        protocolVersion = body.protocol
        serverVersion = body.server?.version ?? ""
        deviceToken = body.auth?.deviceToken.flatMap { $0.isEmpty ? nil : $0 }
        role = body.auth?.role ?? "node"
        scopes = body.auth?.scopes ?? []
        // Without a policy, the smallest limit that any release had (January 2026), and the usual tick.
        maxPayload = max(1, body.policy?.maxPayload ?? 524_288)
        tickInterval = .milliseconds(max(1, body.policy?.tickIntervalMs ?? 30_000))
    }

    private struct Body: Decodable {
        var payload: Payload
    }

    private struct Payload: Decodable {
        var `protocol`: Int
        var server: Server?
        var auth: Auth?
        var policy: Policy?
    }

    private struct Server: Decodable {
        var version: String?
    }

    private struct Auth: Decodable {
        var deviceToken: String?
        var role: String?
        var scopes: [String]?
    }

    private struct Policy: Decodable {
        var maxPayload: Int?
        var tickIntervalMs: Int?
    }
}
