import LinuxIO
import NodeCrypto

extension WebSocketConnection {
    /// Connects, with TLS if the target says so, and upgrades; all of it within `timeout`.
    ///
    /// With pins, a server that shows another certificate has not been sent a byte of HTTP.
    package static func connect(
        to target: WebSocketTarget, on loop: EventLoop, maxMessage: Int, timeout: Duration
    ) async throws(WebSocketError) -> WebSocketConnection {
        let request = try UpgradeRequest(for: target)
        let connection = try await within(timeout, on: loop) { () async throws(WebSocketError) in
            let socket = try await Dialer.connect(to: target.host, port: target.port, on: loop)
            let wire: Wire
            do throws(TLSError) {
                let tls = try makeSession(target)
                wire = Wire(socket, tls: tls)
            } catch { throw .tls(error) }
            var handshake = OpeningHandshake(wire, on: loop)
            let early = try await handshake.upgrade(request)
            return WebSocketConnection(wire, role: .client, maxMessage: maxMessage, early: early, on: loop)
        }
        guard let connection else { throw .timedOut("connecting to \(target.host)") }
        return connection
    }

    private static func makeSession(_ target: WebSocketTarget) throws(TLSError) -> TLSSession? {
        guard let context = target.tls else { return nil }
        return try TLSSession(client: context, serverName: target.host)
    }

    /// Serves the handshake of a client that has just connected, within `timeout`. `decide` sees well-formed requests only;
    /// a refusal is sent and then thrown as `.upgradeRefused`. After an error the socket is closed.
    package static func accept(
        _ socket: StreamSocket, tls context: TLSServerContext?, on loop: EventLoop, maxMessage: Int,
        timeout: Duration = .seconds(10), decide: @escaping @Sendable (UpgradeRequest) -> UpgradeAnswer
    ) async throws(WebSocketError) -> WebSocketConnection {
        do throws(WebSocketError) {
            let connection = try await within(timeout, on: loop) { () async throws(WebSocketError) in
                let wire: Wire
                do throws(TLSError) {
                    let tls = try makeSession(context)
                    wire = Wire(socket, tls: tls)
                } catch { throw .tls(error) }
                var handshake = OpeningHandshake(wire, on: loop)
                let early = try await handshake.serve(decide)
                return WebSocketConnection(wire, role: .server, maxMessage: maxMessage, early: early, on: loop)
            }
            guard let connection else { throw .timedOut("the client's handshake") }
            return connection
        } catch {
            socket.close()
            throw error
        }
    }

    private static func makeSession(_ context: TLSServerContext?) throws(TLSError) -> TLSSession? {
        guard let context else { return nil }
        return try TLSSession(server: context)
    }
}
