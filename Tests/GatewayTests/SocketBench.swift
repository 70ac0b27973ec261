import LinuxIO
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// A practice gateway on loopback, and links that reach it over real sockets of the same event loop. The links' time is moved
/// by hand, so that no test waits for a back-off or a tick.
struct SocketBench: Sendable {
    enum Wire: String, CaseIterable, Sendable {
        case plain, tls
    }

    static let certificate = Result { try SelfSignedCertificate.make(hosts: ["localhost", "127.0.0.1"]) }

    let loop: EventLoop
    let gateway: PracticeGateway
    let folder: ScratchFolder
    let household = Household()

    /// Runs `body` beside a gateway with these options, and checks that the node never broke the protocol.
    static func run(
        _ wire: Wire = .plain, _ options: PracticeOptions = options(),
        _ body: @escaping @Sendable (SocketBench) async throws -> Void
    ) async throws {
        let breaches = try await onEventLoop { loop in
            var options = options
            if wire == .tls { options.certificate = try certificate.get() }
            let gateway = try PracticeGateway(options, on: loop)
            let bench = SocketBench(loop: loop, gateway: gateway, folder: try ScratchFolder())
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

    /// A gateway that lets the sample node in with the sample token, and its commands through.
    static func options(_ release: GatewayRelease = .newest, asksForApproval: Bool = false) -> PracticeOptions {
        var options = PracticeOptions(release: release)
        options.authentication = .token("secret")
        options.allowedCommands = Samples.profile.commands
        options.approvesDevices = !asksForApproval
        options.approvesSurfaces = !asksForApproval
        return options
    }

    /// Whether the gateway has the node on the very first connection that there was.
    var isUndisturbed: Bool {
        get async {
            let arrivals = gateway.events.all.count { if case .opened = $0 { true } else { false } }
            return await gateway.node(Samples.deviceID)?.connection == 1 && arrivals == 1
        }
    }

    /// Runs a relay to the gateway and `body` beside it.
    func withRelay(_ body: @escaping @Sendable (CuttingRelay) async throws -> Void) async throws {
        let relay = try CuttingRelay(to: try GatewayEndpoint(gateway.url).port, on: loop)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await relay.run() }
            group.addTask { try await body(relay) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Runs a link and `body` beside it, then stops it and waits for its end.
    func node(
        dialect: DialectSetting = .openclaw, secret: SharedSecret = SharedSecret(token: "secret"), pin: String? = nil,
        through relay: CuttingRelay? = nil,
        _ body: @escaping @Sendable (inout Node) async throws -> Void
    ) async throws {
        let settings = GatewayLink.Settings(
            gateway: try GatewayEndpoint(gateway.url), profile: Samples.profile, identity: Samples.identity,
            secret: secret, dialect: dialect, invocationLimit: 8)
        let clock = HandClock()
        let events = EventFeed<LinkEvent>()
        let target = try target(settings.gateway, pin, port: relay?.port)
        let loop = loop
        let link = GatewayLink(
            settings, registry: household.registry, tokens: try TokenStore(directory: folder.path),
            dial: { _ async throws(WebSocketError) in
                try await WebSocketConnection.connect(
                    to: target, on: loop, maxMessage: GatewayLink.maxMessageBeforeHello, timeout: .seconds(15))
            },
            ask: { request, _ async throws(WebSocketError) in
                try await HTTPExchange.perform(request, at: target, on: loop, timeout: .seconds(60))
            }, timekeeper: clock, log: .silent, report: { events.emit($0) })
        async let running: Void = link.run()
        var node = Node(bench: self, clock: clock, link: link, events: events.reader())
        try await body(&node)
        link.stop()
        try await running
    }

    private func target(_ endpoint: GatewayEndpoint, _ pin: String?, port: UInt16?) throws -> WebSocketTarget {
        let pin = try CertificatePin(pin ?? Self.certificate.get().fingerprint)
        let tls = endpoint.isTLS ? try TLSClientContext(trust: .pins([pin])) : nil
        return WebSocketTarget(host: endpoint.host, port: port ?? endpoint.port, path: endpoint.path, tls: tls)
    }

    struct Node: Sendable {
        let bench: SocketBench
        let clock: HandClock
        let link: GatewayLink
        private var events: EventFeed<LinkEvent>.Reader

        init(bench: SocketBench, clock: HandClock, link: GatewayLink, events: EventFeed<LinkEvent>.Reader) {
            self.bench = bench
            self.clock = clock
            self.link = link
            self.events = events
        }

        mutating func event<R>(_ pick: (LinkEvent) -> R?) async throws -> R {
            try await events.first(pick)
        }

        mutating func wait() async throws -> LinkBench.Gateway.Wait {
            try await event {
                guard case .waiting(let condition, let isApproval, let delay) = $0 else { return nil }
                return .init(condition: condition, isApproval: isApproval, delay: delay)
            }
        }

        func pass(_ wait: LinkBench.Gateway.Wait) async {
            guard wait.delay > .zero else { return }
            await clock.sleepers(1)
            clock.advance(by: wait.delay)
        }

        @discardableResult
        mutating func waitOver() async throws -> LinkBench.Gateway.Wait {
            let wait = try await wait()
            await pass(wait)
            return wait
        }

        /// Lets every wait pass until the gateway has let the node in.
        @discardableResult
        mutating func connected() async throws -> Hello {
            while true {
                let outcome: (hello: Hello?, wait: LinkBench.Gateway.Wait?) = try await event {
                    switch $0 {
                    case .connected(let hello): (hello, nil)
                    case .waiting(let condition, let isApproval, let delay):
                        (nil, .init(condition: condition, isApproval: isApproval, delay: delay))
                    default: nil
                    }
                }
                if let hello = outcome.hello { return hello }
                if let wait = outcome.wait { await pass(wait) }
            }
        }
    }
}

extension EventFeed<GatewayEvent>.Reader {
    mutating func hello() async throws -> NodeView {
        try await first { if case .hello(_, let view) = $0 { view } else { nil } }
    }

    mutating func closed() async throws -> GatewayEvent.Ending {
        try await first { if case .closed(_, _, let ending) = $0 { ending } else { nil } }
    }
}
