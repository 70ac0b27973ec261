import NodeCore

/// Why a text is no proxy's address.
package enum ProxyError: Error, Equatable, Sendable, CustomStringConvertible {
    case scheme(String)
    case host
    case port

    package var description: String {
        switch self {
        case .scheme(let scheme): "a proxy's URL begins with http:// or socks5h://, not with \(scheme)://"
        case .host: "a proxy's URL names its host, as in http://proxy.example:3128"
        case .port: "a proxy's port is a number from 1 to 65535"
        }
    }
}

/// Who carries our connections to where we may not go ourselves. Shown, it does not tell the password.
package struct Proxy: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// By CONNECT (RFC 9110 §9.3.6).
        case http
        /// RFC 1928.
        case socks5
    }

    package struct Credentials: Hashable, Sendable {
        let user: String
        let password: String
    }

    package let kind: Kind
    package let host: String
    package let port: UInt16
    package let credentials: Credentials?

    /// Reads `http://[user:password@]host[:port]`, `socks5h://…` or `socks5://…`; the scheme of plain `host:port` is `http`.
    /// Names are looked up by the proxy in each case.
    package init(_ text: String) throws(ProxyError) {
        var rest = text[...]
        var scheme = "http"
        if let end = text.firstRange(of: "://") {
            scheme = text[..<end.lowerBound].lowercased()
            rest = text[end.upperBound...]
        }
        switch scheme {
        case "http": kind = .http
        case "socks5", "socks5h", "socks": kind = .socks5
        default: throw .scheme(scheme)
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            credentials = Credentials(
                user: Self.decoded(parts[0]), password: parts.count > 1 ? Self.decoded(parts[1]) : "")
            rest = rest[rest.index(after: at)...]
        } else {
            credentials = nil
        }
        (host, port) = try Self.place(rest, usual: kind == .http ? 80 : 1_080)
    }

    private static func place(_ text: Substring, usual: UInt16) throws(ProxyError) -> (String, UInt16) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .host }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .port }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .host }
        guard let port, !port.isEmpty else { return (String(host), usual) }
        guard port.utf8.allSatisfy(\.isASCIIDigit), let number = UInt16(port), number > 0 else {
            throw .port
        }
        return (String(host), number)
    }

    /// Without the escapes of a URL; one that is none stands for itself.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package var description: String {
        (kind == .http ? "http://" : "socks5h://") + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }
}

extension Proxy.Credentials {
    /// As HTTP's basic authentication has them (RFC 7617).
    var basic: String { "Basic " + String(decoding: Base64.encode(Array("\(user):\(password)".utf8)), as: UTF8.self) }
}

/// What a proxy did instead of connecting us.
package enum ProxyFault: Error, Equatable, Sendable, CustomStringConvertible {
    case unreachable(String)
    /// It wants a user and a password, or others.
    case credentials
    /// It lets in only who says so in one of these ways, which are not spoken here.
    case unspoken([String])
    /// It does not connect us to there, in its words.
    case refused(String)
    /// What it says is not what a proxy says.
    case malformed(String)

    package var description: String {
        switch self {
        case .unreachable(let reason): "it cannot be reached: \(reason)"
        case .credentials: "it wants a user and a password, or other ones"
        case .unspoken(let kinds):
            "it lets nobody in but by \(kinds.joined(separator: " or ")), and what is spoken here is Basic: a user and a password"
        case .refused(let reason): "it does not connect us: \(reason)"
        case .malformed(let reason): "it is no such proxy: \(reason)"
        }
    }
}
