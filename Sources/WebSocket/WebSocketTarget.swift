import NodeCrypto

/// Where a connection goes to.
package struct WebSocketTarget: Sendable {
    /// A name or an address, IPv6 without brackets.
    package var host: String
    package var port: UInt16
    /// With the query.
    package var path: String
    /// Nil: no TLS.
    package var tls: TLSClientContext?
    /// Fields of the HTTP request beside those a WebSocket needs. With them no redirect is followed: they are for who stands
    /// at this path.
    package var headers: [(String, String)]
    package var proxy: Proxy?
    /// Which of the host's addresses may be connected to; through a proxy they are not known.
    package var reach: Reach

    package init(
        host: String, port: UInt16, path: String = "/", tls: TLSClientContext? = nil, headers: [(String, String)] = [],
        proxy: Proxy? = nil, reach: Reach = .anywhere
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.tls = tls
        self.headers = headers
        self.proxy = proxy
        self.reach = reach
    }

    /// Host and port, as they stand in a `Host` field: without the port that the scheme means anyway.
    var authority: String { port == (tls == nil ? 80 : 443) ? bracketedHost : authorityWithPort }

    var authorityWithPort: String { "\(bracketedHost):\(port)" }

    /// A zone means something on this machine only (RFC 6874 §4).
    private var bracketedHost: String { host.contains(":") ? "[\(host.prefix { $0 != "%" })]" : host }
}
