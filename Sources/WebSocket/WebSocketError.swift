import LinuxIO
import NodeCrypto

/// Why there is no connection, or none any more.
package enum WebSocketError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The host name has no address.
    case resolution(String)
    /// No TCP connection; the address tried last.
    case unreachable(Errno, SocketAddress?)
    /// This address, of a host that is connected to without TLS, is not a near one.
    case tooFar(String, SocketAddress)
    /// There is no way through this proxy.
    case proxy(String, ProxyFault)
    case tls(TLSError)
    /// What a plain connection came to, at a server that speaks TLS.
    case speaksTLS(String)
    /// An HTTP answer other than 101, with the first 2 KiB of its body; without it where that may repeat a secret of ours.
    case upgradeRefused(status: Int, body: String)
    /// It would have us go to another server, here without the path.
    case redirected(to: String)
    /// What we were to send is not HTTP, and was not sent.
    case badRequest(String)
    /// The HTTP answer is malformed, or larger than its reader takes.
    case badAnswer(String)
    /// What came is not a WebSocket handshake.
    case badUpgrade(String)
    /// The peer broke the protocol or a limit; it was told the code.
    case violation(CloseCode, String)
    /// The TCP connection ended without a close frame, or ours was over before; nil: no error but the end.
    case lost(Errno?)
    /// What had not happened in time.
    case timedOut(String)
    case cancelled

    package var description: String {
        switch self {
        case .resolution(let reason): reason
        case .unreachable(let error, let address?): "\(address): \(error)"
        case .unreachable(let error, nil): "\(error)"
        case .tooFar(let host, let address):
            "\(host) is \(address.host), and plain connections go to loopback, or to private addresses, only"
        case .proxy(let proxy, let fault): "the proxy \(proxy): \(fault)"
        case .tls(let error): "\(error)"
        case .speaksTLS(let end): "\(end): the server speaks TLS"
        case .upgradeRefused(let status, let body):
            "the server answered HTTP \(status)" + (Self.gist(of: body).map { ": \($0)" } ?? "")
        case .redirected(let place): "the server redirects to \(place), which is another one"
        case .badRequest(let reason): "this cannot be asked for: \(reason)"
        case .badAnswer(let reason): "the answer cannot be used: \(reason)"
        case .badUpgrade(let reason): "no WebSocket handshake: \(reason)"
        case .violation(let code, let reason): "closed with \(code): \(reason)"
        case .lost(let error?): "connection lost: \(error)"
        case .lost(nil): "connection lost"
        case .timedOut(let what): "\(what) took too long"
        case .cancelled: "cancelled"
        }
    }

    /// What a person would read of it: a page's title, or the first line of a text.
    private static func gist(of body: String) -> String? {
        var text = body.drop(while: \.isWhitespace)
        if text.hasPrefix("<") {
            guard let title = text.firstRange(of: "<title>") ?? text.firstRange(of: "<TITLE>") else { return nil }
            text = text[title.upperBound...].drop(while: \.isWhitespace).prefix { $0 != "<" }
        }
        let line = text.prefix { !$0.isNewline }
        return line.isEmpty ? nil : line.count > 120 ? line.prefix(119) + "…" : String(line)
    }
}
