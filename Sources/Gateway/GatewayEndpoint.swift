import LinuxIO
import NodeCore
import WebSocket

/// Why a text is no gateway's address.
package enum EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    case scheme(String)
    case host(String)
    case port(String)
    case path(String)
    case credentials
    case plaintext(host: String)
    case pinWithoutTLS

    package var description: String {
        switch self {
        case .scheme(let text): "\(text.withoutSecrets) is no gateway URL; it begins with ws:// or wss://"
        case .host(let text):
            "\(text.withoutSecrets) names no host; a gateway URL looks like wss://gateway.example:18789"
        case .port(let text): "\(text) is no port; it is a number from 1 to 65535"
        case .path(let text):
            "\(text.withoutSecrets) is no path of a URL: blanks and control characters must be percent-encoded"
        case .credentials: "a gateway URL carries no user name or password; use --token-file or --password-file"
        case .plaintext(let host):
            "ws:// to \(host) would send the token in the clear; use wss://, or tunnel it: "
                + "ssh -N -L 18789:127.0.0.1:18789 \(host), then --gateway ws://127.0.0.1:18789"
                + (Plaintext.privateNetworks.mayReach(host)
                    ? "; or, if everybody on that network may read it: --allow-plaintext-private" : "")
        case .pinWithoutTLS: "a TLS fingerprint needs a wss:// gateway"
        }
    }
}

/// How far `ws://` may go (openclaw-gateway §8.1).
package enum Plaintext: Sendable {
    case loopback
    /// To private addresses too, and names, which then have to turn out to be such addresses.
    case privateNetworks

    fileprivate func mayReach(_ host: String) -> Bool {
        guard self == .privateNetworks else { return false }
        return SocketAddress.literal(host, port: 1).map { $0.isLoopback || $0.isPrivate } ?? true
    }
}

/// Where a gateway listens (openclaw-gateway §1.1): `ws` or `wss`, host, port, path. `http` and `https` mean the same.
package struct GatewayEndpoint: Hashable, Sendable, CustomStringConvertible {
    package let isTLS: Bool
    package let host: String
    package let port: UInt16
    package let path: String

    /// The port of a gateway that is named by its host alone.
    package static let usualPort: UInt16 = 18789

    package init(
        isTLS: Bool, host: String, port: UInt16 = usualPort, path: String = "/", plaintext: Plaintext = .loopback
    ) throws(EndpointError) {
        let isPlausible =
            !host.isEmpty && !host.hasPrefix("-") && host.utf8.allSatisfy(Self.mayBeInHost)
        guard isPlausible, host.unicodeScalars.allSatisfy(Self.isVisible) else {
            throw .host(host.isEmpty ? "the URL" : host.filter { $0.unicodeScalars.allSatisfy(Self.isVisible) })
        }
        guard port != 0 else { throw .port("0") }
        // It goes into the upgrade request as it is.
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .path(path) }
        guard isTLS || Self.isLoopback(host) || plaintext.mayReach(host) else { throw .plaintext(host: host) }
        self.isTLS = isTLS
        self.host = host.lowercased()
        self.port = port
        self.path = path.hasPrefix("/") ? path : "/" + path
    }

    /// Whether both are one server's, with TLS or without.
    package func isServer(of other: GatewayEndpoint) -> Bool {
        host == other.host && port == other.port
    }

    /// Reads `wss://host[:port][/path]`; without a port, the scheme's own (80, 443).
    package init(_ text: String, plaintext: Plaintext = .loopback) throws(EndpointError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .scheme(text) }
        let isTLS: Bool
        switch parts[0].lowercased() {
        case "ws", "http": isTLS = false
        case "wss", "https": isTLS = true
        default: throw .scheme(text)
        }
        let rest = parts[1]
        let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) ?? rest.endIndex
        let authority = rest[..<end]
        let path = rest[end...].prefix { $0 != "#" }
        guard !authority.contains("@") else { throw .credentials }
        let (host, port) = try Self.split(authority, of: text)
        try self.init(
            isTLS: isTLS, host: host, port: port ?? (isTLS ? 443 : 80),
            path: path.hasPrefix("/") ? String(path) : "/" + path, plaintext: plaintext)
    }

    private static func split(
        _ authority: Substring, of text: String
    ) throws(EndpointError) -> (host: String, port: UInt16?) {
        var host = authority
        var rest: Substring = ""
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .host(text) }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            rest = authority[colon...]
        }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", isNumber(digits), let port = UInt16(digits), port != 0 else {
            throw .port(String(digits))
        }
        return (String(host), port)
    }

    /// Of the signs that mean something to a shell or to the program that is told the host, no host has one.
    private static func mayBeInHost(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte.isASCIIAlphanumeric || "-._~:%".utf8.contains(byte)
    }

    /// Signs that turn the rest of a line around, or are not seen at all, make one name look like another.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets.allSatisfy { isNumber($0) && UInt8($0) != nil } && octets[0] == "127"
    }

    /// `UInt16("+80")` is a number to Swift, but not to a URL.
    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(\.isASCIIDigit)
    }

    /// The same place by the other scheme; nil where that is not allowed.
    var withOtherScheme: GatewayEndpoint? { try? GatewayEndpoint(isTLS: !isTLS, host: host, port: port, path: path) }

    /// Where a gateway that speaks this listens: GoClaw's have a path of their own, where the URL names none.
    package func path(for dialect: Dialect?) -> String {
        dialect == .goclaw && path == "/" ? DialectSearch.path : path
    }

    /// Where `path` of the same server's HTTP side is, below what a proxy before it takes away.
    func path(ofHTTP path: String) -> String {
        var base = self.path.prefix { $0 != "?" }
        if base.hasSuffix(DialectSearch.path) { base.removeLast(DialectSearch.path.count) }
        if base.hasSuffix("/") { base.removeLast() }
        return base + path
    }

    package var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether nobody between hears what is said.
    var isConfidential: Bool { isTLS || isLoopback }

    /// Where its name may lead to.
    package var reach: Reach { isTLS ? .anywhere : isLoopback ? .loopback : .privateNetworks }

    /// As sockets take it: in a URL, the percent sign before the zone of a link-local address is escaped (RFC 6874).
    package var address: String { host.contains(":") ? host.replacing("%25", with: "%") : host }

    /// The host as it stands in a `Host` header and in the key under which tokens are kept.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// Whole, as it is kept: a token may be in its query.
    package var url: String { (isTLS ? "wss://" : "ws://") + authority + (path == "/" ? "" : path) }

    package var description: String { url.withoutSecrets }

    /// In a line that is to be copied.
    var shellWord: String { description.shellWord }
}
