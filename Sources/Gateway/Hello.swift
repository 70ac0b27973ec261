import NodeCore

/// `hello-ok` of every release (openclaw-gateway §4), as far as a node uses it.
package struct Hello: Equatable, Sendable {
    package var protocolVersion: Int
    package var serverVersion: String
    package var deviceToken: String?
    package var role: String
    package var scopes: [String]
    /// What came beside it for a setup code: for other roles, and for ours where the first is for another.
    package var furtherTokens: [TokenStore.Memory.Token]
    /// Whether a node may tell how an invocation goes on.
    package var takesProgress: Bool
    /// The largest frame the gateway takes from us, in bytes.
    package var maxPayload: Int
    package var tickInterval: Duration
    package var dialect = Dialect.openclaw

    /// Whether it knows a node's events that it has not asked for. Which ones, it tells in its answers.
    var takesBulletins: Bool { protocolVersion >= 4 }

    /// The token for our role, and nothing else: a node needs no other's. `further`: those that came beside it may be believed.
    func token(orOf further: Bool) -> TokenStore.Memory.Token? {
        if let deviceToken, role == "node" {
            return TokenStore.Memory.Token(token: deviceToken, role: role, scopes: scopes)
        }
        return further ? furtherTokens.first { $0.role == "node" } : nil
    }

    init(_ response: [UInt8]) throws(JSONFailure) {
        let body = try JSON.decode(Body.self, from: response).payload
        protocolVersion = body.protocol
        serverVersion = (body.server?.version ?? "").cut(to: 64)
        role = body.auth?.role ?? "node"
        scopes = body.auth?.scopes ?? []
        deviceToken = Self.token(body.auth?.deviceToken, scopes)
        furtherTokens = (body.auth?.deviceTokens ?? []).compactMap { token in
            guard let text = Self.token(token.deviceToken, token.scopes ?? []), let role = token.role else {
                return nil
            }
            return TokenStore.Memory.Token(token: text, role: role, scopes: token.scopes ?? [])
        }
        takesProgress = protocolVersion >= 4 && body.features?.methods?.contains("node.invoke.progress") == true
        // Without a policy, the smallest limit that any release had (January 2026), and the usual tick.
        maxPayload = max(1, body.policy?.maxPayload ?? 524_288)
        // Whoever ticks more rarely would be found gone too late.
        tickInterval = .milliseconds(min(max(1, body.policy?.tickIntervalMs ?? 30_000), 600_000))
    }

    /// Nil for none, and for one that would make `tokens.json` larger than it can be read again: those of gateways have less
    /// than a kilobyte.
    private static func token(_ text: String?, _ scopes: [String]) -> String? {
        guard let text, !text.isEmpty, scopes.reduce(text.utf8.count, { $0 + $1.utf8.count + 16 }) <= 16 << 10 else {
            return nil
        }
        return text
    }

    private struct Body: Decodable {
        var payload: Payload
    }

    private struct Payload: Decodable {
        var `protocol`: Int
        var server: Server?
        var auth: Auth?
        var policy: Policy?
        var features: Features?

        private enum Key: String, CodingKey {
            case `protocol`, server, auth, policy, features
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            `protocol` = try members.decode(Int.self, forKey: .protocol)
            server = try members.decodeIfPresent(Server.self, forKey: .server)
            auth = try members.decodeIfPresent(Auth.self, forKey: .auth)
            policy = try members.decodeIfPresent(Policy.self, forKey: .policy)
            // They only refine; what is odd there must not cost us the connection.
            features = try? members.decode(Features.self, forKey: .features)
        }
    }

    private struct Features: Decodable {
        var methods: [String]?
    }

    private struct Server: Decodable {
        var version: String?
    }

    private struct Auth: Decodable {
        var deviceToken: String?
        var role: String?
        var scopes: [String]?
        var deviceTokens: [FurtherToken]?

        private enum Key: String, CodingKey {
            case deviceToken, role, scopes, deviceTokens
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            deviceToken = try members.decodeIfPresent(String.self, forKey: .deviceToken)
            role = try members.decodeIfPresent(String.self, forKey: .role)
            scopes = try members.decodeIfPresent([String].self, forKey: .scopes)
            // None of them is needed.
            deviceTokens = try? members.decode([FurtherToken].self, forKey: .deviceTokens)
        }
    }

    private struct FurtherToken: Decodable {
        var deviceToken: String?
        var role: String?
        var scopes: [String]?
    }

    private struct Policy: Decodable {
        var maxPayload: Int?
        var tickIntervalMs: Int?
    }
}
