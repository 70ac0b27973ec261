import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// A gateway on loopback that behaves as the OpenClaw gateways do, and is stricter than they are: it notes everything that
/// a node does against the protocol. For the demo and the tests.
///
/// `run()` serves; all other members may be called meanwhile, from anywhere. Pairing outlives restarts, not the object.
package actor PracticeGateway {
    package nonisolated let options: PracticeOptions
    package nonisolated let events = EventFeed<GatewayEvent>()
    package nonisolated let faults = FaultSwitches()
    nonisolated let invokes = InvokeTable()
    nonisolated let check: ConnectCheck
    nonisolated let policy: CommandPolicy
    nonisolated let loop: EventLoop
    nonisolated let startedAt: ContinuousClock.Instant

    private nonisolated let tls: TLSServerContext?
    private nonisolated let address: SocketAddress
    private var listener: TCPListener?
    /// Fires when the gateway shall listen again; nil while it does.
    private var comeback: OneShot?
    private var lastConnection = 0

    var authentication: Authentication
    var pairing: PairingQueue
    var surfaces: SurfaceApprovals
    var setupCodes = SetupCodes()
    /// By node id: the last that connected.
    var peers: [String: NodePeer] = [:]
    /// All nodes that are connected, those that were superseded included.
    var connected: [Int: NodePeer] = [:]
    /// All WebSockets that stand.
    private var open: [Int: WebSocketConnection] = [:]

    /// Listens at once; connections are served when `run()` is. Throws `Errno` or `TLSError`.
    package init(_ options: PracticeOptions = PracticeOptions(), on loop: EventLoop) throws {
        self.options = options
        self.loop = loop
        startedAt = loop.now
        check = ConnectCheck(options.release)
        policy = CommandPolicy(
            release: options.release, allow: options.allowedCommands, deny: options.deniedCommands)
        tls = try options.certificate.map { certificate in try TLSServerContext(certificate: certificate) }
        let listener = try TCPListener(address: options.address, on: loop)
        address = listener.address ?? options.address
        self.listener = listener
        authentication = options.authentication
        pairing = PairingQueue(release: options.release)
        surfaces = SurfaceApprovals(release: options.release)
    }

    package nonisolated var port: UInt16 { address.port }
    package nonisolated var url: String { "\(tls == nil ? "ws" : "wss")://\(address)" }

    package nonisolated var violations: [Breach] { events.violations }

    // MARK: Serving

    /// Serves until the task is cancelled; then closes what stands.
    package func run() async {
        events.emit(.listening(port: port))
        await withDiscardingTaskGroup { connections in
            while !Task.isCancelled {
                guard let socket = await nextArrival() else { continue }
                lastConnection += 1
                let number = lastConnection
                connections.addTask { await self.serve(socket, number) }
            }
            connections.cancelAll()
        }
    }

    /// Nil when there is none because the gateway is down, just came back, or is to end.
    private func nextArrival() async -> StreamSocket? {
        if let comeback {
            // Cancelled: the caller looks for that.
            try? await comeback.fired()
            return nil
        }
        // A listener that was closed while it waited: the gateway went down.
        return try? await listener?.accept()
    }

    private nonisolated func serve(_ socket: StreamSocket, _ number: Int) async {
        switch faults.takeArrival() {
        case .ordinary: await serveWebSocket(socket, number) { _ in .accept }
        case .refuseUpgrade(let status, let body):
            await serveWebSocket(socket, number) { _ in .refuse(status: status, body: body) }
        case .reset: socket.reset()
        case .silence: await StrayConnection(socket).hold()
        case .bytes(let bytes): await StrayConnection(socket).answer(bytes)
        }
    }

    private nonisolated func serveWebSocket(
        _ socket: StreamSocket, _ number: Int, decide: @escaping @Sendable (UpgradeRequest) -> UpgradeAnswer
    ) async {
        // Before the hello the conversation itself looks at the size: the close reason is part of the protocol.
        let limit = max(options.payloadLimit, 1 << 20)
        let connection: WebSocketConnection
        do {
            connection = try await WebSocketConnection.accept(
                socket, tls: tls, on: loop, maxMessage: limit,
                decide: { request in
                    self.noteHeaders(request, number)
                    return decide(request)
                },
                page: { path in await self.page(path) })
        } catch {
            events.emit(.closed(connection: number, nodeID: nil, .lost("\(error)")))
            return
        }
        events.emit(.opened(connection: number))
        await hold(connection, number)
        await Conversation(gateway: self, connection: connection, number: number).run()
        await letGo(number)
    }

    private func hold(_ connection: WebSocketConnection, _ number: Int) {
        open[number] = connection
    }

    private func letGo(_ number: Int) {
        open[number] = nil
    }

    private nonisolated func noteHeaders(_ request: UpgradeRequest, _ number: Int) {
        let unwelcome = [
            "Origin", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
            "Sec-WebSocket-Protocol", "Authorization",
        ]
        for name in unwelcome where request.value(of: name) != nil { note("sends the header \(name)", number) }
    }

    nonisolated func note(_ what: String, _ number: Int) {
        events.emit(.breach(Breach(connection: number, what: what)))
    }

    // MARK: Going down and coming back

    /// How a gateway leaves its nodes.
    package enum Farewell: Sendable {
        /// Event `shutdown`, then close 1012.
        case restart(expectedMs: Int?)
        /// Killed: every socket is reset.
        case none
    }

    /// Stops listening and ends all connections; `comeBack()` undoes it on the same port.
    package func goDown(_ farewell: Farewell) async {
        comeback = comeback ?? OneShot()
        listener?.close()
        listener = nil
        for (number, connection) in open {
            let peer = connected[number]
            switch farewell {
            case .restart(let expected):
                let payload = JSONValue.members([
                    "reason": "restart", "restartExpectedMs": expected.map { .number(Double($0)) },
                ])
                // A node that is gone already needs no farewell.
                try? await peer?.broadcast(event: "shutdown", payload)
                await peer?.close(CloseCode.serviceRestart.rawValue, "service restart")
                await connection.close(.serviceRestart, reason: "service restart")
            case .none:
                peer?.reset()
                connection.abort()
            }
        }
    }

    package func comeBack() throws(Errno) {
        guard let comeback else { return }
        listener = try TCPListener(address: address, on: loop)
        self.comeback = nil
        comeback.fire()
        events.emit(.listening(port: port))
    }
}

/// A TCP connection that never becomes a WebSocket.
private struct StrayConnection {
    let socket: StreamSocket

    init(_ socket: StreamSocket) {
        self.socket = socket
    }

    /// Reads and says nothing until the other side has had enough.
    func hold() async {
        var buffer = [UInt8](repeating: 0, count: 4096)
        do {
            while true {
                let count = try buffer.withUnsafeMutableBytes { bytes throws(Errno) in try socket.read(into: bytes) }
                if count == 0 { break }
                if count == nil { _ = try await socket.wait(for: .read) }
            }
        } catch {
            // Reset by the other side, or the gateway ends: both are the end of it.
        }
        socket.close()
    }

    func answer(_ bytes: [UInt8]) async {
        // Few enough for the kernel's buffer; a peer that is gone need not read them.
        _ = try? bytes.withUnsafeBytes { bytes throws(Errno) in try socket.write(bytes) }
        socket.shutdownWrite()
        await hold()
    }
}
