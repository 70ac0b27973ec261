import LinuxIO

/// A connection that a proxy has made for us.
enum Tunnel {
    /// The socket on which the proxy passes on everything, both ways.
    static func open(
        to host: String, port: UInt16, through proxy: Proxy, on loop: EventLoop,
        reached: @Sendable (SocketAddress?) -> Void
    ) async throws(WebSocketError) -> StreamSocket {
        let socket: StreamSocket
        do throws(WebSocketError) {
            socket = try await Dialer.connect(to: proxy.host, port: proxy.port, on: loop)
        } catch {
            if error == .cancelled { throw error }
            throw .proxy(proxy.description, .unreachable("\(error)"))
        }
        reached(socket.peer)
        let stream = HTTPStream(Wire(socket, tls: nil))
        do throws(WebSocketError) {
            switch proxy.kind {
            case .http: try await connect(to: host, port, proxy, on: stream)
            case .socks5: try await converse(host, port, proxy, on: stream)
            }
        } catch {
            socket.close()
            switch error {
            case .cancelled, .proxy: throw error
            default: throw .proxy(proxy.description, .malformed("\(error)"))
            }
        }
        return socket
    }

    private static func connect(
        to host: String, _ port: UInt16, _ proxy: Proxy, on stream: HTTPStream
    ) async throws(WebSocketError) {
        var stream = stream
        let place = (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        var fields = [("Host", place)]
        if let credentials = proxy.credentials { fields.append(("Proxy-Authorization", credentials.basic)) }
        try await stream.send(try HTTPHead.request("CONNECT", place, fields))
        while true {
            let head = try await stream.readHead()
            let response = try UpgradeResponse(head)
            if response.isInterim { continue }
            switch response.status {
            case 200...299:
                // We have the first word in there; whatever comes before it is not from there.
                guard stream.takeRest().isEmpty else {
                    throw .proxy(proxy.description, .malformed("it talks too soon"))
                }
                return
            // tinyproxy says 401 of wrong ones.
            case 401, 407:
                let kinds = head.challenges
                let isSpoken = kinds.isEmpty || kinds.contains { $0.lowercased() == "basic" }
                throw .proxy(proxy.description, isSpoken ? .credentials : .unspoken(kinds))
            default:
                let reason = head.startLine.split(separator: " ", maxSplits: 1).last ?? ""
                throw .proxy(proxy.description, .refused("HTTP \(reason)"))
            }
        }
    }

    private static func converse(
        _ host: String, _ port: UInt16, _ proxy: Proxy, on stream: HTTPStream
    ) async throws(WebSocketError) {
        var client: SOCKS5Client
        do throws(ProxyFault) { client = try SOCKS5Client(to: host, port: port, as: proxy.credentials) } catch {
            throw .proxy(proxy.description, error)
        }
        try await stream.send(client.greeting)
        var wanted = client.wanted
        while true {
            let answer = try await read(wanted, from: stream.wire)
            switch try take(answer, &client, proxy) {
            case .send(let bytes):
                try await stream.send(bytes)
                wanted = client.wanted
            case .read(let count): wanted = count
            case .open: return
            }
        }
    }

    private static func take(
        _ answer: [UInt8], _ client: inout SOCKS5Client, _ proxy: Proxy
    ) throws(WebSocketError) -> SOCKS5Client.Step {
        do throws(ProxyFault) { return try client.take(answer) } catch { throw .proxy(proxy.description, error) }
    }

    /// No byte more: what comes behind is from there already.
    private static func read(_ count: Int, from wire: Wire) async throws(WebSocketError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var piece = [UInt8](repeating: 0, count: count - bytes.count)
            switch try wire.read(into: &piece) {
            case .bytes(0): throw .lost(nil)
            case .bytes(let got): bytes += piece.prefix(got)
            // There is no TLS up to the proxy.
            case .more: break
            case .nothing: do { _ = try await wire.socket.wait(for: .read) } catch { throw .cancelled }
            }
        }
        return bytes
    }
}
