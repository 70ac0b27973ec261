import NodeCore

/// A server's wish that we ask elsewhere (RFC 9110 §15.4). We do at the same server only: whoever else answers there was never
/// named by anybody we trust.
enum Redirect {
    /// So many in a row are followed.
    static let limit = 3

    static func isOne(status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    private static let schemes = ["http", "ws", "https", "wss"]

    /// The path to ask for next. Throws `.redirected` where that would be another server, whose address can stand in a line that
    /// is to be copied into a shell.
    static func path(
        _ location: String, from path: String, of target: WebSocketTarget
    ) throws(WebSocketError) -> String {
        let location = location.prefix { $0 != "#" }
        var rest = location
        var scheme = target.tls == nil ? "http" : "https"
        if let colon = location.firstRange(of: "://"), HTTPHead.isToken(String(location[..<colon.lowerBound])) {
            scheme = location[..<colon.lowerBound].lowercased()
            rest = "//" + location[colon.upperBound...]
        }
        guard rest.hasPrefix("//") else { return resolved(rest, from: path) }
        let end = rest.dropFirst(2).firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
        guard isOrigin(scheme, authority, of: target) else {
            let place = authority.split(separator: "@").last ?? ""
            guard schemes.contains(scheme), !place.isEmpty, place.utf8.allSatisfy({ isOfAuthority($0) }) else {
                throw .badAnswer("it redirects to what is no server")
            }
            throw .redirected(to: scheme + "://" + place)
        }
        return rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
    }

    private static func isOfAuthority(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || ".-_:[]".utf8.contains(byte)
    }

    private static func isOrigin(_ scheme: String, _ authority: Substring, of target: WebSocketTarget) -> Bool {
        guard (target.tls == nil ? ["http", "ws"] : ["https", "wss"]).contains(scheme) else { return false }
        let asked = authority.lowercased()
        return asked == target.authority.lowercased() || asked == target.authorityWithPort.lowercased()
    }

    /// A reference without a server (RFC 3986 §5.2), its dots left to the server.
    private static func resolved(_ reference: Substring, from path: String) -> String {
        if reference.hasPrefix("/") { return String(reference) }
        let base = path.prefix { $0 != "?" }
        if reference.isEmpty { return path }
        if reference.hasPrefix("?") { return String(base + reference) }
        let folder = base.lastIndex(of: "/").map { base[...$0] } ?? "/"
        return String(folder + reference)
    }
}
