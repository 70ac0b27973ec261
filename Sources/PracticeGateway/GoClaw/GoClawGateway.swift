import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// A gateway on loopback that behaves as those of one GoClaw family do, and notes what a node does against the protocol
/// (goclaw-gateway.md §8). For the tests.
///
/// `run()` serves; all other members may be called meanwhile, from anywhere. Pairings outlive connections, not the object.
package actor GoClawGateway {
    package nonisolated let options: GoClawOptions
    package nonisolated let events = EventFeed<GoClawEvent>()
    package nonisolated let script = GoClawScript()
    package nonisolated let port: UInt16
    nonisolated let loop: EventLoop
    /// Codes, pairings and quotas age by it.
    nonisolated let timekeeper: any Timekeeper
    nonisolated let invokes = InvokeTable()
    private let listener: TCPListener
    private var lastConnection = 0

    var pairings = GoClawPairings()
    var trust: [String: ComputeTrust] = [:]
    /// When each compute node was heard of last.
    var seenAt: [String: ContinuousClock.Instant] = [:]
    private var buckets: [String: TokenBucket] = [:]
    private(set) var clients: [Int: GoClawClient] = [:]

    package enum ComputeTrust: String, Sendable {
        case pending, trusted, revoked
    }

    /// An invocation's result is taken from whichever connection it comes by (§7.4).
    static let anyConnection = 0

    /// Whole messages, in bytes.
    static let maxMessage = 512 << 10

    package init(_ options: GoClawOptions, on loop: EventLoop, timekeeper: (any Timekeeper)? = nil) throws(Errno) {
        self.options = options
        self.loop = loop
        self.timekeeper = timekeeper ?? loop
        listener = try TCPListener(address: .loopback(port: 0), on: loop)
        port = listener.port
        trust = options.nodeKeys.mapValues { _ in .pending }
    }

    /// Without a path, as people write it.
    package nonisolated var url: String { "ws://127.0.0.1:\(port)" }

    package nonisolated var violations: [Breach] { events.violations }

    // MARK: Serving

    /// Serves until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { connections in
            while !Task.isCancelled, let socket = try? await listener.accept() {
                lastConnection += 1
                let number = lastConnection
                connections.addTask { await self.serve(socket, number) }
            }
            connections.cancelAll()
        }
    }

    private nonisolated func serve(_ socket: StreamSocket, _ number: Int) async {
        if await GoClawHTTP(gateway: self, socket: socket).serve() { return }
        let connection: WebSocketConnection
        do {
            connection = try await WebSocketConnection.accept(
                socket, tls: nil, on: loop, maxMessage: options.family.isGoClaw ? Self.maxMessage : 10 << 20
            ) { self.judge($0, number) }
        } catch { return }
        let client = GoClawClient(connection, number, numbersEvents: options.family == .computeNode)
        await hold(client)
        events.emit(.opened(connection: number))
        let ending =
            options.family.isGoClaw
            ? await GoClawConversation(gateway: self, client: client).run()
            : await ForeignConversation(gateway: self, client: client).run()
        await letGo(client)
        events.emit(.closed(connection: number, client.ending(seen: ending)))
    }

    private nonisolated func judge(_ request: UpgradeRequest, _ number: Int) -> UpgradeAnswer {
        for name in ["Origin", "Sec-WebSocket-Protocol", "Authorization"] where request.value(of: name) != nil {
            note("sends the header \(name)", number)
        }
        let path = request.path.prefix { $0 != "?" }
        guard options.family.isGoClaw, path != "/ws" else { return .accept }
        events.emit(.strayed(path: String(path)))
        return path == "/"
            ? .refuse(status: 200, body: #"{"service":"goclaw","status":"ok","protocol":3}"#)
            : .refuse(status: 404, body: "404 page not found\n")
    }

    nonisolated func note(_ what: String, _ number: Int) {
        events.emit(.breach(Breach(connection: number, what: what)))
    }

    private func hold(_ client: GoClawClient) {
        clients[client.number] = client
    }

    private func letGo(_ client: GoClawClient) {
        clients[client.number] = nil
    }

    /// To every open socket, whether it was let in or not.
    func broadcast(_ event: String, _ payload: JSONValue?) async {
        // A socket that is gone is found so by its reader.
        for client in clients.values { try? await client.send(event: event, payload) }
    }

    func mayAsk(_ address: String) -> Bool {
        let now = timekeeper.now
        return buckets[address, default: TokenBucket(perMinute: options.requestsPerMinute, now: now)].take(at: now)
    }
}
