import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// A gateway of a GoClaw family on loopback, and links that reach it over real sockets. The links' time, by which the gateway's
/// codes age as well, is moved by hand.
struct GoClawBench: Sendable {
    let loop: EventLoop
    let gateway: GoClawGateway
    let folder: ScratchFolder
    let clock: HandClock
    let household = Household()

    static let key = "gnk_" + String(repeating: "0123456789abcdef", count: 4)

    /// Runs `body` beside such a gateway, and checks that the node never broke the protocol.
    static func run(
        _ family: GoClawFamily, change: @Sendable (inout GoClawOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (GoClawBench) async throws -> Void
    ) async throws {
        var changed = GoClawOptions(family)
        change(&changed)
        let options = changed
        let breaches = try await onEventLoop { loop in
            let clock = HandClock()
            let gateway = try GoClawGateway(options, on: loop, timekeeper: clock)
            let bench = GoClawBench(loop: loop, gateway: gateway, folder: try ScratchFolder(), clock: clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask { try await body(bench) }
                try await group.next()
                group.cancelAll()
            }
            return gateway.violations
        }
        #expect(breaches.isEmpty)
    }

    /// Runs `body` with a node that has a token and, where the family takes one, a key, which is trusted that much.
    static func keyed(
        _ family: GoClawFamily, trust: GoClawGateway.ComputeTrust? = .trusted,
        _ body: @escaping @Sendable (GoClawBench, inout Node) async throws -> Void
    ) async throws {
        try await run(family, change: { $0.nodeKeys["n-1"] = key }) { bench async throws in
            if let trust { await bench.gateway.setTrust(trust, of: "n-1") }
            try await bench.node(token: "gateway-token", key: family == .computeNode ? key : nil) {
                node async throws in
                try await body(bench, &node)
            }
        }
    }

    /// The same once it has been let in.
    static func admitted(
        _ family: GoClawFamily, _ body: @escaping @Sendable (GoClawBench, inout Node) async throws -> Void
    ) async throws {
        try await keyed(family) { bench, node async throws in
            _ = try await node.connected()
            try await body(bench, &node)
        }
    }

    /// What the gateway was told, whichever form the family has for it.
    static func payload(_ reply: JSONValue?) throws -> JSONValue {
        try JSONReader.read((reply?["payloadJSON"]?.string ?? reply?["stdout"]?.string ?? "").bytes)
    }

    static func media(_ json: String, _ bytes: [UInt8]) throws -> Reply {
        let file = try MemoryFile(name: "media")
        try file.append(bytes)
        return Reply(outcome: .success(json.bytes), blob: Blob(file: file, field: "base64"))
    }

    var endpoint: GatewayEndpoint { get throws { try GatewayEndpoint(gateway.url) } }

    /// What is in the state directory now.
    func memory() throws -> TokenStore.Memory {
        try TokenStore(directory: folder.path).memory(of: endpoint, deviceID: Samples.deviceID)
    }

    func remember(_ change: (inout TokenStore.Memory) -> Void) throws {
        let store = try TokenStore(directory: folder.path)
        var memory = store.memory(of: try endpoint, deviceID: Samples.deviceID)
        change(&memory)
        store.remember(memory, of: try endpoint)
        try store.save()
    }

    /// Runs a link and `body` beside it, then stops it and waits for its end.
    func node(
        _ dialect: DialectSetting = .goclaw, token: String? = nil, key: String? = nil, path: String = "",
        _ body: @escaping @Sendable (inout Node) async throws -> Void
    ) async throws {
        let settings = GatewayLink.Settings(
            gateway: try GatewayEndpoint(gateway.url + path), profile: Samples.profile, identity: Samples.identity,
            secret: SharedSecret(token: token), dialect: dialect, nodeKey: key.flatMap { GoClawNodeKey($0) },
            invocationLimit: 8)
        let events = EventFeed<LinkEvent>()
        let loop = loop
        let link = GatewayLink(
            settings, registry: household.registry, tokens: try TokenStore(directory: folder.path),
            dial: { dialect async throws(WebSocketError) in
                try await WebSocketConnection.connect(
                    to: Self.target(settings.gateway, dialect), on: loop, maxMessage: GatewayLink.maxMessageBeforeHello,
                    timeout: .seconds(60))
            },
            ask: { request, _ async throws(WebSocketError) in
                try await HTTPExchange.perform(
                    request, at: Self.target(settings.gateway, nil), on: loop, timeout: .seconds(60))
            }, timekeeper: clock, log: .silent, report: { events.emit($0) })
        async let running: Void = link.run()
        var node = Node(bench: self, link: link, feed: events)
        try await body(&node)
        link.stop()
        try await running
    }

    private static func target(_ endpoint: GatewayEndpoint, _ dialect: Dialect?) -> WebSocketTarget {
        WebSocketTarget(host: endpoint.host, port: endpoint.port, path: endpoint.path(for: dialect))
    }

    struct Node: Sendable {
        typealias Wait = LinkBench.Gateway.Wait

        let bench: GoClawBench
        let link: GatewayLink
        /// Everything that the link reports.
        let feed: EventFeed<LinkEvent>
        private var events: EventFeed<LinkEvent>.Reader

        init(bench: GoClawBench, link: GatewayLink, feed: EventFeed<LinkEvent>) {
            self.bench = bench
            self.link = link
            self.feed = feed
            events = feed.reader()
        }

        mutating func event<R>(_ pick: (LinkEvent) -> R?) async throws -> R {
            try await events.first(pick)
        }

        /// The next time that the link waits for an approval, or to dial again.
        mutating func wait() async throws -> Wait {
            try await event {
                guard case .waiting(let condition, let isApproval, let delay) = $0 else { return nil }
                return Wait(condition: condition, isApproval: isApproval, delay: delay)
            }
        }

        /// Lets the wait before the next dial pass.
        func pass(_ wait: Wait) async {
            guard wait.delay > .zero else { return }
            await bench.clock.sleepers(1)
            bench.clock.advance(by: wait.delay)
        }

        mutating func connected() async throws -> Hello {
            try await event { if case .connected(let hello) = $0 { hello } else { nil } }
        }

        mutating func raised(_ id: String) async throws -> Condition {
            try await event {
                if case .raised(let condition) = $0, condition.id == id { condition } else { nil }
            }
        }

        mutating func cleared(_ id: String) async throws {
            try await event { if case .cleared(id) = $0 { () } else { nil } }
        }

        /// Lets the pause before the next question for the pairing pass.
        func poll() async {
            await bench.clock.sleeper(before: bench.clock.now + .seconds(8))
            bench.clock.advance(by: .seconds(7))
        }

        /// Lets the wait for a greeting pass.
        func listen(_ wait: Duration = .milliseconds(750)) async {
            await bench.clock.sleeper(until: bench.clock.now + wait)
            bench.clock.advance(by: wait)
        }
    }
}

extension EventFeed<GoClawEvent>.Reader {
    mutating func request(_ method: String) async throws -> JSONValue {
        try await first {
            if case .request(_, method, let params) = $0 { params } else { nil }
        }
    }

    mutating func admitted() async throws -> GoClawRole {
        try await first { if case .admitted(_, let role, _) = $0 { role } else { nil } }
    }

    mutating func pairing() async throws -> GoClawPairings.Request {
        try await first { if case .pairingRequested(let request) = $0 { request } else { nil } }
    }

    mutating func connect() async throws -> JSONValue {
        try await first { if case .connect(_, let params) = $0 { params } else { nil } }
    }

    mutating func response() async throws -> JSONValue {
        try await first { if case .response(_, let frame) = $0 { frame } else { nil } }
    }
}

extension EventFeed<GoClawEvent> {
    var pairingRequests: Int { all.count { if case .pairingRequested = $0 { true } else { false } } }
    var openedConnections: Int { all.count { if case .opened = $0 { true } else { false } } }
}
