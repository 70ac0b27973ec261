import LinuxIO
import NodeCore
import NodeCrypto
import Synchronization
import WebSocket

/// The way to a gateway, walked one step after the other up to the gateway's own first word.
///
/// It ends there: who says more takes the place of the daemon with the same identity (openclaw-gateway §9.1).
package struct GatewayProbe: Sendable {
    package enum Step: String, CaseIterable, Sendable {
        case name, route, tcp, proxy, tls, upgrade, challenge
    }

    package enum Outcome: Equatable, Sendable {
        /// What was found.
        case passed(String)
        case failed(Condition)
        /// A step before it failed.
        case untried
    }

    package struct Report: Equatable, Sendable {
        package fileprivate(set) var outcomes: [Step: Outcome] = [:]
        /// How far the gateway's clock is before ours; nil when it did not tell the time.
        package fileprivate(set) var clockDifference: Duration?

        /// Until the gateway's certificate ends; nil for a pinned one.
        package fileprivate(set) var certificateDaysLeft: Int?

        package var failure: Condition? {
            outcomes.values.lazy.compactMap { if case .failed(let condition) = $0 { condition } else { nil } }.first
        }

        /// Whether there is a server, which does not speak as an OpenClaw gateway does.
        package var isUngreeted: Bool {
            [Step.upgrade, .challenge].contains { if case .failed? = outcomes[$0] { true } else { false } }
        }
    }

    package typealias Dial =
        @Sendable (Duration, @escaping @Sendable (OpeningStep) -> Void) async throws(WebSocketError) -> any Transport

    /// For each of: the name, the way to the open WebSocket, the challenge.
    private let patience: Duration
    private let endpoint: GatewayEndpoint
    private let proxy: Proxy?
    private let knownCertificate: PeerCertificate?
    private let pinsAreConfigured: Bool
    private let owner: NodeOwner
    private let dial: Dial
    private let loop: EventLoop
    private let isGoClaw: Bool

    /// `proxy` is what `dial` goes through; `knownCertificate` what the gateway showed when it last was the pinned one; `isGoClaw`:
    /// whether it is known to let others speak first.
    package init(
        _ endpoint: GatewayEndpoint, through proxy: Proxy? = nil, knownCertificate: PeerCertificate? = nil,
        pinsAreConfigured: Bool = false, owner: NodeOwner = .user, isGoClaw: Bool = false, patience: Duration,
        on loop: EventLoop,
        dial: @escaping Dial
    ) {
        self.endpoint = endpoint
        self.proxy = proxy
        self.knownCertificate = knownCertificate
        self.pinsAreConfigured = pinsAreConfigured
        self.owner = owner
        self.isGoClaw = isGoClaw
        self.patience = patience
        self.dial = dial
        self.loop = loop
    }

    package func run() async -> Report {
        var report = Report(outcomes: Dictionary(uniqueKeysWithValues: Step.allCases.map { ($0, .untried) }))
        do throws(Stumble) {
            let addresses = try await resolve(&report)
            try route(to: addresses, &report)
            let transport = try await open(&report)
            try await hear(transport, &report)
        } catch {
            let words = LinkCondition(
                gateway: endpoint, deviceID: "", knownCertificate: knownCertificate,
                pinsAreConfigured: pinsAreConfigured, owner: owner)
            let condition = words.condition(for: Disconnect(error.cause), trouble: nil)
            report.outcomes[error.step] = .failed(
                isGoClaw ? GoClawCondition(gateway: endpoint, owner: owner).adapted(condition) : condition)
        }
        return report
    }

    private struct Stumble: Error {
        let step: Step
        let cause: Disconnect.Cause
    }

    private func resolve(_ report: inout Report) async throws(Stumble) -> [SocketAddress] {
        // Through a proxy, its name is what we have to know.
        let (host, port) = proxy.map { ($0.host, $0.port) } ?? (endpoint.address, endpoint.port)
        let found: [SocketAddress]?
        do throws(WebSocketError) {
            found = try await within(patience, on: loop) { () async throws(WebSocketError) in
                do throws(ResolutionError) {
                    return try await SocketAddress.resolve(host: host, port: port)
                } catch { throw .resolution(error.description) }
            }
        } catch { throw Stumble(step: .name, cause: cause(error)) }
        guard let found, !found.isEmpty else {
            let reason = "\(host): the name service does not answer within \(patience)"
            throw Stumble(step: .name, cause: cause(.resolution(reason)))
        }
        let hosts = found.map(\.host)
        report.outcomes[.name] = .passed(
            (proxy == nil ? "" : "the proxy ")
                + (hosts == [host] ? "\(host) is an address" : "\(host) is \(hosts.joined(separator: ", "))"))
        return found
    }

    /// The same as a dialler would have it: what keeps us from the proxy is the proxy's.
    private func cause(_ error: WebSocketError) -> Disconnect.Cause {
        .transport(proxy.map { .proxy($0.description, .unreachable("\(error)")) } ?? error)
    }

    /// One of them will do.
    private func route(to addresses: [SocketAddress], _ report: inout Report) throws(Stumble) {
        var failure: (Errno, SocketAddress)?
        for address in addresses {
            do throws(Errno) {
                let own = try address.routedFrom()
                report.outcomes[.route] = .passed("\(address.host) is reached from \(own.host)")
                return
            } catch { failure = failure ?? (error, address) }
        }
        if let failure {
            throw Stumble(step: .route, cause: cause(.unreachable(failure.0, failure.1)))
        }
    }

    private func open(_ report: inout Report) async throws(Stumble) -> any Transport {
        let progress = Progress()
        let transport: Result<any Transport, WebSocketError>
        do throws(WebSocketError) {
            transport = .success(try await dial(patience) { step in progress.note(step) })
        } catch { transport = .failure(error) }
        if let peer = progress.peer {
            report.outcomes[.tcp] = .passed("connected to \(peer)" + (proxy == nil ? "" : ", which is the proxy"))
            if proxy == nil { report.outcomes[.proxy] = .passed("none is used") }
        }
        if let proxy, progress.isTunnelled {
            report.outcomes[.proxy] = .passed("\(proxy) connects us to \(endpoint.authority)")
        }
        report.certificateDaysLeft = progress.daysLeft
        if progress.isSecured {
            report.outcomes[.tls] = .passed(
                progress.daysLeft == nil
                    ? "TLS stands, and the certificate is the pinned one"
                    : "TLS stands, and the certificate is trusted")
        } else if progress.peer != nil, !endpoint.isTLS {
            report.outcomes[.tls] = .passed(
                endpoint.isLoopback
                    ? "not used; the gateway is on this machine"
                    : "not used, as the owner has allowed: whoever is on that network can read all")
        }
        do throws(WebSocketError) {
            let open = try transport.get()
            report.outcomes[.upgrade] = .passed("\(endpoint) speaks WebSocket")
            return open
        } catch {
            let step: Step =
                switch error {
                case .tls: .tls
                case _ where progress.peer == nil: .tcp
                case _ where proxy != nil && !progress.isTunnelled: .proxy
                case _ where progress.isSecured || !endpoint.isTLS: .upgrade
                default: .tls
                }
            throw Stumble(step: step, cause: .transport(error))
        }
    }

    private final class Progress: Sendable {
        private struct State {
            var peer: String?
            var isTunnelled = false
            var isSecured = false
            var daysLeft: Int?
        }

        private let state = Mutex(State())

        var peer: String? { state.withLock { $0.peer } }
        var isTunnelled: Bool { state.withLock { $0.isTunnelled } }
        var isSecured: Bool { state.withLock { $0.isSecured } }
        var daysLeft: Int? { state.withLock { $0.daysLeft } }

        func note(_ step: OpeningStep) {
            state.withLock { state in
                switch step {
                case .connected(let peer): state.peer = peer.map { "\($0)" } ?? "it"
                case .tunnelled: state.isTunnelled = true
                case .secured(let daysLeft): (state.isSecured, state.daysLeft) = (true, daysLeft)
                }
            }
        }
    }

    /// So long OpenClaw's gateways take at most to greet whoever they know (goclaw-gateway §6.3).
    private static let glance = Duration.milliseconds(750)

    private func hear(_ transport: any Transport, _ report: inout Report) async throws(Stumble) {
        let outcome: Result<Int?, Stumble>
        do throws(WebSocketError) {
            let cause = try await within(isGoClaw ? Self.glance : patience, on: loop) {
                () async throws(WebSocketError) in
                try await Self.challenge(from: transport)
            }
            switch cause {
            case .success(let time)?: outcome = .success(time)
            case .failure(let end)?: outcome = .failure(Stumble(step: .challenge, cause: end.cause))
            case nil where isGoClaw: outcome = .success(nil)
            case nil:
                let words = "the server speaks WebSocket, but sends no connect.challenge as a gateway does"
                outcome = .failure(Stumble(step: .challenge, cause: .handshake(words)))
            }
        } catch { outcome = .failure(Stumble(step: .challenge, cause: .transport(error))) }
        let now = WallClock.milliseconds
        await transport.close(.normal, reason: "")
        let time = try outcome.get()
        report.outcomes[.challenge] = .passed(
            isGoClaw ? "the gateway lets us speak first, as GoClaw's do" : "the gateway asks who we are")
        // Hostile ones must not overflow.
        report.clockDifference = time.flatMap { abs($0 / 2) < 1 << 52 ? .milliseconds($0 - now) : nil }
    }

    /// The gateway's time, when it tells it.
    private static func challenge(
        from transport: any Transport
    ) async throws(WebSocketError) -> Result<Int?, Disconnect> {
        while let message = try await transport.receive() {
            // As in the handshake: what cannot be read is not it.
            guard case .challenge(let nonce, let time)? = try? IncomingFrame(message.bytes) else { continue }
            guard nonce?.allSatisfy(\.isWhitespace) == false else {
                return .failure(Disconnect(.handshake(Handshake.Fault.noNonce.description)))
            }
            return .success(time)
        }
        let end = transport.closeFrame ?? (.noStatus, "")
        return .failure(Disconnect(.closed(end.code, reason: end.reason)))
    }
}
