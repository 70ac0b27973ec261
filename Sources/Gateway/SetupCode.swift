import NodeCore
import NodeCrypto

/// What an operator hands out for one machine (openclaw-gateway §5.5): where the gateway is, whom to believe there, and a secret
/// to be let in with.
package struct SetupCode: Equatable, Sendable {
    package enum Secret: Equatable, Sendable {
        /// For one use, within ten minutes.
        case bootstrap(String)
        /// The gateway's own, in codes of early 2026.
        case token(String)
        case password(String)
    }

    /// The same gateway's addresses, in order of preference; at least one.
    package let endpoints: [GatewayEndpoint]
    package let pin: CertificatePin?
    package let secret: Secret

    /// In bytes, of the text and of what it stands for.
    static let limit = 8 << 10
    /// A gateway's answer to a join link may be longer than what fits into a text to paste.
    static let answerLimit = 24 << 10
    private static let longestSecret = 512
    private static let mostAddresses = 16

    /// Reads the text that is pasted: base64 of the JSON, with blanks around it or without. `nowMs` is the wall clock's.
    init(_ text: some StringProtocol, nowMs: Int, plaintext: Plaintext = .loopback) throws(JoinLinkError) {
        guard text.utf8.count <= Self.limit else { throw .tooLong }
        guard let json = Base64URL.decode(text) else { throw .unreadable }
        try self.init(json: json, nowMs: nowMs, plaintext: plaintext)
    }

    init(json: [UInt8], nowMs: Int, plaintext: Plaintext = .loopback) throws(JoinLinkError) {
        guard json.count <= Self.answerLimit else { throw .tooLong }
        let content: Content
        // Why it cannot be read would quote it.
        do throws(JSONFailure) { content = try JSON.decode(Content.self, from: json) } catch { throw .unreadable }
        if let end = content.expiresAtMs, end <= Double(nowMs) { throw .expired }
        secret = try Self.secret(content)
        pin = try content.tlsFingerprint.map { text throws(JoinLinkError) in
            do throws(PinError) { return try CertificatePin(text) } catch { throw .pin(error) }
        }
        endpoints = try Self.endpoints(content, isPinned: pin != nil, plaintext)
    }

    private static func secret(_ content: Content) throws(JoinLinkError) -> Secret {
        func known(_ text: String?) throws(JoinLinkError) -> String? {
            guard let text, !text.isEmpty else { return nil }
            guard text.utf8.count <= longestSecret else { throw .tooLong }
            return text
        }
        if let token = try known(content.bootstrapToken) { return .bootstrap(token) }
        if let token = try known(content.token) { return .token(token) }
        if let password = try known(content.password) { return .password(password) }
        throw .missing("bootstrapToken")
    }

    /// An address that a secret may not be sent to is left out, as long as there is another.
    private static func endpoints(
        _ content: Content, isPinned: Bool, _ plaintext: Plaintext
    ) throws(JoinLinkError) -> [GatewayEndpoint] {
        let texts = [content.url].compactMap { $0 } + (content.urls ?? [])
        guard !texts.isEmpty else { throw .missing("url") }
        guard texts.count <= mostAddresses else { throw .tooLong }
        var endpoints: [GatewayEndpoint] = []
        var fault: EndpointError?
        for text in texts {
            do throws(EndpointError) {
                let endpoint = try GatewayEndpoint(text, plaintext: plaintext)
                guard endpoint.isTLS || !isPinned else { throw .pinWithoutTLS }
                if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
            } catch { fault = fault ?? error }
        }
        if endpoints.isEmpty, let fault { throw .address(fault) }
        return endpoints
    }

    private struct Content: Decodable {
        var url: String?
        var urls: [String]?
        var bootstrapToken: String?
        var token: String?
        var password: String?
        var expiresAtMs: Double?
        var tlsFingerprint: String?
    }
}

extension GatewayRecord {
    package init(_ code: SetupCode) {
        self.init(
            url: code.endpoints[0].url, tlsFingerprints: code.pin.map { [$0.description] },
            urls: code.endpoints.count > 1 ? code.endpoints.dropFirst().map(\.url) : nil)
        // No other gateway makes such codes, and its token is for nobody else.
        dialect = Dialect.openclaw.rawValue
        if code.endpoints.contains(where: { $0.reach == .privateNetworks }) { allowPlaintextPrivate = true }
        switch code.secret {
        case .bootstrap(let text): bootstrapToken = text
        case .token(let text): token = text
        case .password(let text): password = text
        }
    }
}
