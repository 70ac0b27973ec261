import NodeCore
import NodeCrypto

/// What somebody pastes to join a gateway (openclaw-gateway §5.5).
package enum JoinLink: Equatable, Sendable {
    case address(GatewayEndpoint)
    /// A setup code, bare or behind `oc-pair://`.
    case code(SetupCode)
    /// A link behind which a setup code is to be fetched.
    case invitation(JoinInvitation)

    /// `nowMs` is the wall clock's, `plaintext` the owner's word on where `ws://` may lead. What is thrown never quotes a secret.
    package init(_ text: String, nowMs: Int, plaintext: Plaintext = .loopback) throws(JoinLinkError) {
        let text = text.trimmed
        guard text.utf8.count <= SetupCode.limit else { throw .tooLong }
        guard let border = text.firstRange(of: "://") else {
            // Most words are base64 too, and are meant as an address.
            guard Base64URL.decode(text)?.first == UInt8(ascii: "{") else { throw .unreadable }
            self = .code(try SetupCode(text, nowMs: nowMs, plaintext: plaintext))
            return
        }
        let scheme = text[..<border.lowerBound].lowercased()
        // Anything else in front is no scheme that was mistyped, and may be what must not be quoted.
        guard !scheme.isEmpty, scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else {
            throw .unreadable
        }
        switch scheme {
        case "oc-pair":
            self = .code(try SetupCode(text[border.upperBound...], nowMs: nowMs, plaintext: plaintext))
        case "http", "https":
            if let invitation = try JoinInvitation(text) {
                self = .invitation(invitation)
            } else {
                self = .address(try Self.endpoint(text, plaintext))
            }
        default: self = .address(try Self.endpoint(text, plaintext))
        }
    }

    private static func endpoint(
        _ text: some StringProtocol, _ plaintext: Plaintext
    ) throws(JoinLinkError) -> GatewayEndpoint {
        do throws(EndpointError) { return try GatewayEndpoint(String(text), plaintext: plaintext) } catch {
            throw .address(error)
        }
    }
}

/// `https://GATEWAY/j/CODE`: good for one fetch, so that nothing but the joining itself fetches it.
package struct JoinInvitation: Equatable, Sendable, CustomStringConvertible {
    /// Where it is fetched; the path ends in the code.
    package let endpoint: GatewayEndpoint

    /// Sixteen random bytes.
    private static let codeLength = 22

    /// Nil when `text`, a URL, is no such link.
    fileprivate init?(_ text: some StringProtocol) throws(JoinLinkError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        // With a slash behind its code it is one too, though not a whole one: it must not be kept as an address.
        let isSlashed = parts.count > 5 && parts.last == "" && parts[parts.count - 3] == "j"
        guard parts.count > 4, parts[parts.count - 2] == "j" || isSlashed else { return nil }
        let code = parts[parts.count - 1]
        // An error of the address would quote it.
        guard code.utf8.count == Self.codeLength, Base64URL.decode(code) != nil, !text.contains("#"),
            let endpoint = try? GatewayEndpoint(String(text)), endpoint.isTLS || endpoint.isLoopback
        else { throw .invitation }
        self.endpoint = endpoint
    }

    /// Without the code.
    package var description: String { (endpoint.isTLS ? "https://" : "http://") + endpoint.authority + "/j/…" }

    /// The setup code in the gateway's answer. Nothing is followed elsewhere.
    package static func setupCode(
        status: Int, contentType: String?, body: [UInt8], nowMs: Int, plaintext: Plaintext = .loopback
    ) throws(JoinLinkError) -> SetupCode {
        switch status {
        case 200 where contentType?.lowercased().hasPrefix("application/json") == true:
            do throws(JoinLinkError) { return try SetupCode(json: body, nowMs: nowMs, plaintext: plaintext) } catch {
                // Those speak of what somebody has pasted.
                throw error == .unreadable || error == .tooLong ? .answer(status: status) : error
            }
        case 404: throw .spent
        case 429: throw .tooMany
        default: throw .answer(status: status)
        }
    }
}

/// Why a link leads to no gateway.
package enum JoinLinkError: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable
    case tooLong
    case address(EndpointError)
    /// A setup code without this.
    case missing(String)
    case pin(PinError)
    case expired
    /// A link that ends in no code.
    case invitation
    /// The gateway does not know the link's code, or not any more.
    case spent
    case tooMany
    /// Something else than a setup code came.
    case answer(status: Int)

    package var description: String {
        switch self {
        case .unreadable:
            "this is no gateway's URL, join link or setup code; a URL looks like wss://gateway.example:18789, a link like "
                + "oc-pair://CODE or https://gateway.example/j/CODE; was all of it copied?"
        case .tooLong: "this is longer than any join link or setup code; was something else copied along?"
        case .address(let error): "\(error)"
        case .missing(let key): "this setup code has no \(key); \(Self.remedy)"
        case .pin(let error): "the fingerprint in this setup code is none: \(error); \(Self.remedy)"
        case .expired: "this setup code has expired; \(Self.remedy)"
        case .invitation:
            "a join link ends in /j/ and the 22 characters of its code, and begins with https:// (with http:// on this "
                + "machine only); was all of it copied?"
        case .spent:
            "this join link is used up or has expired, for it is good for one use within ten minutes; \(Self.remedy)"
        case .tooMany: "the gateway lets nobody try join links for a while; wait five minutes, then use a new one"
        case .answer(let status):
            "the gateway's answer to this join link is no setup code (HTTP status \(status)); \(Self.remedy)"
        }
    }

    /// What an operator has to do.
    package static let remedy =
        "ask for a new one, which the gateway's operator makes with: openclaw devices join-code (older: openclaw qr "
        + "--setup-code-only)"
}
