import LinuxIO
import NodeCore
import Synchronization
import WebSocket

/// The way to a gateway, walked one step after the other up to the gateway's own first word.
///
/// It ends there: who says more takes the place of the daemon with the same identity (openclaw-gateway §9.1).
package struct GatewayProbe: Sendable {
    package enum Step: String, CaseIterable, Sendable {
        case name, route, tcp, tls, upgrade, challenge
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
    }

    package typealias Dial =
        @Sendable (Duration, @escaping @Sendable (OpeningStep) -> Void) async throws(WebSocketError) -> any Transport

    /// For each of: the name, the way to the open WebSocket, the challenge.
    private let patience: Duration
    private let endpoint: GatewayEndpoint
    private let dial: Dial
    private let loop: EventLoop
    private let isGoClaw: Bool

    /// `isGoClaw`: whether the gateway is known to let others speak first.
    package init(
        _ endpoint: GatewayEndpoint, isGoClaw: Bool = false, patience: Duration, on loop: EventLoop,
        dial: @escaping Dial
    ) {
        self.endpoint = endpoint
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
            let words = LinkCondition(gateway: endpoint, deviceID: "")
            report.outcomes[error.step] = .failed(words.condition(for: Disconnect(error.cause), trouble: nil))
        }
        return report
    }

    private struct Stumble: Error {
        let step: Step
        let cause: Disconnect.Cause
    }

    private func resolve(_ report: inout Report) async throws(Stumble) -> [SocketAddress] {
        let endpoint = endpoint
        let found: [SocketAddress]?
        do throws(WebSocketError) {
            found = try await within(patience, on: loop) { () async throws(WebSocketError) in
                do throws(ResolutionError) {
                    return try await SocketAddress.resolve(host: endpoint.host, port: endpoint.port)
                } catch { throw .resolution(error.description) }
            }
        } catch { throw Stumble(step: .name, cause: .transport(error)) }
        guard let found, !found.isEmpty else {
            let reason = "\(endpoint.host): the name service does not answer within \(patience)"
            throw Stumble(step: .name, cause: .transport(.resolution(reason)))
        }
        let hosts = found.map(\.host)
        report.outcomes[.name] = .passed(
            hosts == [endpoint.host]
                ? "\(endpoint.host) is an address" : "\(endpoint.host) is \(hosts.joined(separator: ", "))")
        return found
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
            throw Stumble(step: .route, cause: .transport(.unreachable(failure.0, failure.1)))
        }
    }

    private func open(_ report: inout Report) async throws(Stumble) -> any Transport {
        let progress = Progress()
        let transport: Result<any Transport, WebSocketError>
        do throws(WebSocketError) {
            transport = .success(try await dial(patience) { step in progress.note(step) })
        } catch { transport = .failure(error) }
        if let peer = progress.peer { report.outcomes[.tcp] = .passed("connected to \(peer)") }
        report.certificateDaysLeft = progress.daysLeft
        if progress.isSecured {
            report.outcomes[.tls] = .passed("TLS stands, and the certificate is trusted")
        } else if progress.peer != nil, !endpoint.isTLS {
            report.outcomes[.tls] = .passed("not used; the gateway is on this machine")
        }
        do throws(WebSocketError) {
            let open = try transport.get()
            report.outcomes[.upgrade] = .passed("\(endpoint) speaks WebSocket")
            return open
        } catch {
            let step: Step
            if case .tls = error {
                step = .tls
            } else {
                step = progress.peer == nil ? .tcp : progress.isSecured || !endpoint.isTLS ? .upgrade : .tls
            }
            throw Stumble(step: step, cause: .transport(error))
        }
    }

    private final class Progress: Sendable {
        private let state = Mutex<(peer: String?, isSecured: Bool, daysLeft: Int?)>((nil, false, nil))

        var peer: String? { state.withLock { $0.peer } }
        var isSecured: Bool { state.withLock { $0.isSecured } }
        var daysLeft: Int? { state.withLock { $0.daysLeft } }

        func note(_ step: OpeningStep) {
            state.withLock { state in
                switch step {
                case .connected(let peer): state.peer = peer.map { "\($0)" } ?? "it"
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
