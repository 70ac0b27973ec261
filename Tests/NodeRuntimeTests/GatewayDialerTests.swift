import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import Synchronization
import Testing
import WebSocket

@testable import NodeRuntime

@Suite(.timeLimit(.minutes(5))) struct GatewayDialerTests {
    /// A WebSocket server on a port of its own, which can be away.
    private final class Address: Sendable {
        private let held: HeldPort
        private let loop: EventLoop
        private let listener: Mutex<TCPListener?>

        init(on loop: EventLoop) throws {
            held = try HeldPort()
            self.loop = loop
            listener = Mutex(try TCPListener(address: .loopback(port: held.number), on: loop))
        }

        var port: UInt16 { held.number }

        func goAway() {
            listener.withLock { $0.take() }?.close()
        }

        func comeBack() throws {
            let back = try TCPListener(address: .loopback(port: port), on: loop)
            listener.withLock { $0 = back }
        }

        func way(scheme: String = "ws") throws -> GatewayWay {
            GatewayWay(endpoint: try GatewayEndpoint("\(scheme)://127.0.0.1:\(port)"), proxy: nil, edge: nil)
        }

        /// Serves whoever comes until cancelled.
        func serve() async throws {
            while true {
                try Task.checkCancellation()
                guard let listener = listener.withLock({ $0 }) else {
                    try await loop.sleep(for: .milliseconds(5))
                    continue
                }
                guard let socket = try? await listener.accept() else { continue }  // it went away
                _ = try? await WebSocketConnection.accept(socket, tls: nil, on: loop, maxMessage: 100) { _ in .accept }
            }
        }
    }

    /// Runs `body` beside two addresses of a gateway.
    private func beside(
        _ body: @escaping @Sendable (_ first: Address, _ second: Address, EventLoop) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let (first, second) = (try Address(on: loop), try Address(on: loop))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await first.serve() }
                group.addTask { try await second.serve() }
                group.addTask { try await body(first, second, loop) }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// What a dialler reports, in order.
    private final class Reports: Sendable {
        private let events = Mutex<[LinkEvent]>([])

        func add(_ event: LinkEvent) { events.withLock { $0.append(event) } }

        var reached: [UInt16] {
            events.withLock { $0.compactMap { if case .reached(let endpoint) = $0 { endpoint.port } else { nil } } }
        }
    }

    private static let unreachable = LinkEvent.waiting(
        Condition(id: "gateway-unreachable", severity: .warning, summary: "x", remedy: "y"), isApproval: false,
        retryIn: .zero)

    @Test("an address that does not answer gives way to the next, and is preferred again once it does")
    func preference() async throws {
        try await beside { first, second, loop in
            let reports = Reports()
            let dialer = GatewayDialer([try first.way(), try second.way()], trust: .system, loop: loop) {
                reports.add($0)
            }
            _ = try await dialer.dial()
            first.goAway()
            _ = try await dialer.dial()
            try first.comeBack()
            _ = try await dialer.dial()
            #expect(reports.reached == [first.port, second.port, first.port])
        }
    }

    @Test("an address that connects and comes to nothing is not the first to be tried next")
    func futile() async throws {
        try await beside { first, second, loop in
            let reports = Reports()
            let dialer = GatewayDialer([try first.way(), try second.way()], trust: .system, loop: loop) {
                reports.add($0)
            }
            for _ in 0..<3 {
                _ = try await dialer.dial()
                dialer.heed(Self.unreachable)
            }
            #expect(reports.reached == [first.port, second.port, first.port])
        }
    }

    @Test("when none answers, it is the preferred one's failure that counts, unless another try may mend a later one's")
    func failures() async throws {
        try await beside { first, second, loop in
            second.goAway()
            first.goAway()
            let both = GatewayDialer([try first.way(), try second.way()], trust: .system, loop: loop)
            await #expect(throws: WebSocketError.unreachable(Errno(ECONNREFUSED), .loopback(port: first.port))) {
                _ = try await both.dial()
            }
            let witness = try TLSWitness(on: loop)
            let pin = try CertificatePin(String(repeating: "0", count: 64))
            let stranger = GatewayWay(
                endpoint: try GatewayEndpoint("wss://127.0.0.1:\(witness.port)"), proxy: nil, edge: nil)
            let dialer = GatewayDialer([stranger, try second.way()], trust: .pins([pin]), loop: loop)
            async let testimony = witness.hear()
            await #expect(throws: WebSocketError.unreachable(Errno(ECONNREFUSED), .loopback(port: second.port))) {
                _ = try await dialer.dial()
            }
            #expect(try await testimony.request == "", "the stranger was told nothing")
        }
    }

    @Test("what opens Cloudflare Access is told over TLS only")
    func edge() throws {
        let sources = try ConfigurationSources(text: #"{"stateDir": "/", "allowPlaintextPrivate": true}"#)
        let variables = ["CF_ACCESS_CLIENT_ID": "i", "CF_ACCESS_CLIENT_SECRET": "s"]
        let configuration = try Configuration(sources, Surroundings(variables: variables, isRoot: false))
        let secure = GatewayWay(to: try GatewayEndpoint("wss://gw.example"), configuration)
        #expect(secure.edge?.headers.map(\.1) == ["i", "s"])
        for url in ["ws://127.0.0.1", "ws://192.168.1.5"] {
            let plain = GatewayWay(to: try GatewayEndpoint(url, plaintext: .privateNetworks), configuration)
            #expect(plain.edge == nil)
        }
    }
}
