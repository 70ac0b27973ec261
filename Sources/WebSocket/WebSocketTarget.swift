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
    /// Fields of the HTTP request beside those a WebSocket needs.
    package var headers: [(String, String)]

    package init(
        host: String, port: UInt16, path: String = "/", tls: TLSClientContext? = nil, headers: [(String, String)] = []
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.tls = tls
        self.headers = headers
    }

    /// Host and port, as they stand in a `Host` field: without the port that the scheme means anyway.
    var authority: String { port == (tls == nil ? 80 : 443) ? bracketedHost : authorityWithPort }

    var authorityWithPort: String { "\(bracketedHost):\(port)" }

    private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
}
