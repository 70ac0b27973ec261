import LinuxIO
import NodeCrypto

extension WebSocketConnection {
    /// Connects, through the proxy and with TLS if the target says so, and upgrades, where redirected to at the same server;
    /// all of it within `timeout`.
    ///
    /// With pins, a server that shows another certificate has not been sent a byte of HTTP. Where a server ends a plain
    /// connection as one that speaks TLS would, a second one finds out whether it does: up to two seconds more.
    package static func connect(
        to target: WebSocketTarget, on loop: EventLoop, maxMessage: Int, timeout: Duration,
        progress: @escaping @Sendable (OpeningStep) -> Void = { _ in }
    ) async throws(WebSocketError) -> WebSocketConnection {
        let outcome: Result<WebSocketConnection, WebSocketError>
        do throws(WebSocketError) {
            outcome = .success(
                try await open(target, on: loop, maxMessage: maxMessage, timeout: timeout, progress: progress))
        } catch { outcome = .failure(error) }
        guard target.tls == nil, case .failure(let end) = outcome, end.isUsualOfTLS, await speaksTLS(target, on: loop)
        else { return try outcome.get() }
        throw .speaksTLS(end.description)
    }

    private static func open(
        _ target: WebSocketTarget, on loop: EventLoop, maxMessage: Int, timeout: Duration,
        progress: @escaping @Sendable (OpeningStep) -> Void
    ) async throws(WebSocketError) -> WebSocketConnection {
        let connection = try await within(timeout, on: loop) { () async throws(WebSocketError) in
            var path: String?
            for _ in 0...Redirect.limit {
                let request = try UpgradeRequest(for: target, path: path)
                let wire = try await Wire.open(to: target, on: loop, progress: progress)
                var handshake = OpeningHandshake(wire, on: loop)
                switch try await handshake.upgrade(request, followsRedirects: target.headers.isEmpty) {
                case .open(let early):
                    return WebSocketConnection(wire, role: .client, maxMessage: maxMessage, early: early, on: loop)
                case .redirect(let location):
                    wire.close()
                    path = try Redirect.path(location, from: request.path, of: target)
                }
            }
            throw .badUpgrade("the server redirects in circles")
        }
        guard let connection else { throw .timedOut("connecting to \(target.host)") }
        return connection
    }

    /// Whether the server shakes hands with TLS.
    private static func speaksTLS(_ target: WebSocketTarget, on loop: EventLoop) async -> Bool {
        // Who takes longer than that did not hang up for want of TLS.
        let answer = try? await within(.seconds(2), on: loop) { () async throws(WebSocketError) in
            await shakesHands(target, on: loop)
        }
        return answer == true
    }

    /// Nothing is believed and nothing else said: no certificate is a pinned one.
    private static func shakesHands(_ target: WebSocketTarget, on loop: EventLoop) async -> Bool {
        do {
            var target = target
            target.tls = try TLSClientContext(trust: .pins([]))
            _ = try await Wire.open(to: target, on: loop)
            return false
        } catch {
            if case WebSocketError.tls(.pinMismatch) = error { return true }
            return false
        }
    }

    /// Serves the handshake of a client that has just connected, within `timeout`. `decide` sees well-formed requests only, `page`
    /// those that want no upgrade; a refusal is sent and then thrown as `.upgradeRefused`. After an error the socket is closed.
    package static func accept(
        _ socket: StreamSocket, tls context: TLSServerContext?, on loop: EventLoop, maxMessage: Int,
        timeout: Duration = .seconds(10), decide: @escaping @Sendable (UpgradeRequest) -> UpgradeAnswer,
        page: @escaping @Sendable (_ path: String) async -> HTTPPage? = { _ in nil }
    ) async throws(WebSocketError) -> WebSocketConnection {
        do throws(WebSocketError) {
            let connection = try await within(timeout, on: loop) { () async throws(WebSocketError) in
                let wire: Wire
                do throws(TLSError) {
                    let tls = try makeSession(context)
                    wire = Wire(socket, tls: tls)
                } catch { throw .tls(error) }
                var handshake = OpeningHandshake(wire, on: loop)
                let early = try await handshake.serve(decide, page: page)
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

extension WebSocketError {
    /// What a TLS server does with HTTP: it hangs up, with an alert or without, or says that the request is a bad one. So does
    /// the end of a tunnel to nowhere.
    fileprivate var isUsualOfTLS: Bool {
        switch self {
        case .lost, .upgradeRefused(status: 400, _): true
        default: false
        }
    }
}
