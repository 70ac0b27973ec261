import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// The daemon put together: state, link, workers, status, signals.
package struct Agent: Service {
    private var configuration: Configuration
    private let surroundings: Surroundings
    private let loop: EventLoop
    private let log: Log
    private let reread: (@Sendable () throws -> Configuration)?

    /// `reread` gives the configuration as it is by then: who joins a gateway may have switched something on.
    package init(
        _ configuration: Configuration, _ surroundings: Surroundings, loop: EventLoop, log: Log,
        reread: (@Sendable () throws -> Configuration)? = nil
    ) {
        self.reread = reread
        self.configuration = configuration
        self.surroundings = surroundings
        self.loop = loop
        self.log = log
    }

    private enum Ending: Sendable {
        case stopped
        /// A gateway was joined meanwhile.
        case joined
    }

    /// Serves until SIGTERM or SIGINT, from the beginning each time that a gateway is joined. Throws only when it cannot start:
    /// `StateError` or `AgentError`.
    package func run() async throws {
        let signals = try SignalListener([SIGTERM, SIGINT], on: loop)
        let state = try StateDirectory(claiming: configuration.stateDirectory)
        _ = try GatewayRecord.load(from: state.path)
        var agent = self
        while try await agent.serve(state, signals) == .joined {
            log.info("A gateway was joined; beginning anew")
            agent.configuration = configurationNow() ?? agent.configuration
        }
        log.info("Stopped")
    }

    private func serve(_ state: StateDirectory, _ signals: SignalListener) async throws -> Ending {
        let identity = try DeviceIdentity.loadOrCreate(in: state.path)
        let tokens = try TokenStore(directory: state.path)
        let manager = ServiceManager(variables: surroundings.variables)
        let status = try StatusKeeper(
            directory: configuration.runtimeDirectory, deviceID: identity.deviceID, manager: manager, timekeeper: loop,
            log: log)
        let watchdog = Watchdog(manager, timekeeper: loop, log: log)
        let offer = Offer(
            configuration, surroundings, admitsSessions: true, loop: loop, log: log,
            workersChanged: { status.workersChanged() })
        // Before the first look: a mark or a gateway that is placed meanwhile is seen then.
        let watch = try StateWatch(state, on: loop)
        // Nil: cancelled.
        guard let known = await look(in: state) else { return .stopped }
        let bell = WakeBell()
        let wakes = WakeWatch(bell, variables: surroundings.variables, loop: loop, log: log)
        let pauses = PauseMarks(directory: state.path)
        await heed(pauses, offer, status)
        log.info("Started", ["version": nodeVersion, "device": identity.deviceID])

        if let fault = known.fault { tell(unknown: fault) }
        let (stop, joined) = (OneShot(), OneShot())
        try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { await status.run(watching: { offer.workers }, offer.sessions) }
            services.addTask { try await wakes.run() }
            if let watchdog { services.addTask { try await watchdog.run() } }
            services.addTask {
                var (isLost, seen) = (false, known)
                while true {
                    try await watch.next()
                    await heed(pauses, offer, status)
                    await tell(status, identity, in: state, &isLost)
                    guard let now = await look(in: state) else { return }
                    if now.fault != seen.fault {
                        if let fault = now.fault { tell(unknown: fault) }
                        if known.gateway == nil { await status.notJoined(reason(for: now, in: state)) }
                    }
                    seen = now
                    // In the foreground of `join` nobody else joins anything.
                    if reread != nil, now.record?.isJoined(after: known.record) == true { joined.fire() }
                }
            }
            services.addTask {
                try await serve(identity, tokens, known, offer, state, status, watchdog, bell, signals, stop, joined)
            }
            // Only serving ends by itself, and when it does, so does all else.
            try await services.next()
            services.cancelAll()
        }
        return stop.hasFired ? .stopped : .joined
    }

    private func serve(
        _ identity: DeviceIdentity, _ tokens: TokenStore, _ known: Known, _ offer: Offer, _ state: StateDirectory,
        _ status: StatusKeeper, _ watchdog: Watchdog?, _ bell: WakeBell, _ signals: SignalListener, _ stop: OneShot,
        _ joined: OneShot
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await heed(signals, stop, status) }
            group.addTask {
                guard let gateway = known.gateway else {
                    let reason = reason(for: known, in: state)
                    log.warning("Not joined to a gateway", ["run": reason.remedy ?? ""], id: .notJoined)
                    await status.notJoined(reason)
                    try await Self.first(of: stop, joined)
                    if !stop.hasFired { await status.pausing() }
                    return
                }
                // A configured gateway is none of the record's.
                let token = configuration.gateway == nil ? BootstrapToken(known.record, in: state.path) : nil
                await status.joined(gateway.endpoint, caps: offer.profile.caps, commands: offer.profile.commands)
                let link = link(to: gateway, token, identity, tokens, offer, status, watchdog, bell, stop)
                try await withThrowingTaskGroup(of: Void.self) { inner in
                    inner.addTask { try await link.run() }
                    inner.addTask { try await offer.runWorkers() }
                    inner.addTask {
                        try await Self.first(of: stop, joined)
                        if !stop.hasFired { await status.pausing() }
                        link.stop()
                        try await loop.sleep(for: .seconds(10))
                        guard stop.hasFired else { return }
                        // What hangs in the kernel cannot be cancelled, and a shutdown does not wait for it.
                        log.warning("Still busy ten seconds after the signal; leaving")
                        _exit(0)
                    }
                    try await inner.next()
                    inner.cancelAll()
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private static func first(of one: OneShot, _ other: OneShot) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await one.fired() }
            group.addTask { try await other.fired() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func heed(_ pauses: PauseMarks, _ offer: Offer, _ status: StatusKeeper) async {
        // The directory may be one that hangs. Nil: cancelled.
        guard let paused = await onAbandonableThread("state", { pauses.paused }) else { return }
        for (capability, isPaused) in await offer.heed(paused) {
            let condition = Condition.paused(capability, configuration.owner)
            status.post(isPaused ? .raised(condition) : .cleared(conditionID: condition.id))
            log.info(isPaused ? "Paused" : "Resumed", ["capability": capability])
        }
    }

    /// The identity's file is not written again: whoever removed it may have meant to. It serves on until the next start.
    private func tell(
        _ status: StatusKeeper, _ identity: DeviceIdentity, in state: StateDirectory, _ isLost: inout Bool
    ) async {
        // Nil, which is neither: cancelled.
        guard await onAbandonableThread("state", { identity.isStored(in: state.path) }) == isLost else { return }
        isLost.toggle()
        let condition = Condition.identityLost(state.path)
        status.post(isLost ? .raised(condition) : .cleared(conditionID: condition.id))
        if isLost {
            log.error(
                "The identity is not in the state directory any more", ["directory": state.path], id: .identityLost)
        } else {
            log.info("The identity is in the state directory again")
        }
    }

    /// The first signal asks to stop, the second one insists.
    private func heed(_ signals: SignalListener, _ stop: OneShot, _ status: StatusKeeper) async throws {
        let first = try await signals.next()
        log.info("Stopping", ["signal": first == SIGTERM ? "SIGTERM" : "SIGINT"])
        await status.stopping()
        stop.fire()
        _ = try await signals.next()
        _exit(0)
    }

    /// What the state directory said of the joined gateway when it was looked at.
    private struct Known: Sendable {
        var record: GatewayRecord?
        /// The configured gateway, else the joined one.
        var gateway: JoinedGateway?
        /// Why there may be one all the same.
        var fault: String?
    }

    /// Nil once cancelled.
    private func look(in state: StateDirectory) async -> Known? {
        await onAbandonableThread("state") { [configuration] in
            var known = Known()
            do {
                known.record = try GatewayRecord.load(from: state.path)
            } catch { known.fault = "\(error)" }
            do throws(EndpointError) {
                known.gateway = try JoinedGateway(configuration, record: known.record)
            } catch { known.fault = "\(error)" }
            return known
        }
    }

    /// Why no gateway is served.
    private func reason(for known: Known, in state: StateDirectory) -> Condition {
        known.fault.map { .gatewayUnknown($0, in: state.path) } ?? .notJoined(configuration.owner)
    }

    private func tell(unknown cause: String) {
        log.error("The joined gateway is unknown", ["cause": cause], id: .gatewayUnknown)
    }

    /// Nil when it cannot be read any more: then it stays as it was.
    private func configurationNow() -> Configuration? {
        do { return try reread?() } catch {
            log.error("The configuration is not read again", ["cause": "\(error)"])
            return nil
        }
    }

    /// To the terminal, unless it is held just now: the link does not wait for it.
    private static func say(_ text: String) {
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&output, 1, 0) == 1 else { return }
        var line = text + "\n"
        // Nobody is left to tell when this fails.
        _ = line.withUTF8 { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    private func link(
        to joined: JoinedGateway, _ bootstrapToken: BootstrapToken?, _ identity: DeviceIdentity, _ tokens: TokenStore,
        _ offer: Offer, _ status: StatusKeeper, _ watchdog: Watchdog?, _ bell: WakeBell, _ stop: OneShot
    ) -> GatewayLink {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let report = { @Sendable (event: LinkEvent) in
            // The link to another gateway may follow.
            if case .stopped = event, !stop.hasFired { return }
            status.post(event)
            watchdog?.heed(event)
            // A connection is there for weeks, and making it took more memory than keeping it does.
            if case .connected = event { Footprint.trim() }
            // Who has started it by hand looks here, and whoever does not look finds it in the log and the status.
            if case .pairingCode(let code) = event, isTerminal {
                Self.say("GoClaw pairing code: \(code.inOneLine)")
            }
        }
        let dialer = GatewayDialer(joined.ways, trust: joined.trust, loop: loop, report: report)
        var settings = GatewayLink.Settings(
            gateway: joined.endpoint, profile: offer.profile, identity: identity, secret: joined.secret,
            bootstrapToken: bootstrapToken, isTrusted: joined.isTrusted, dialect: joined.dialect,
            nodeKey: configuration.nodeKey, invocationLimit: configuration.invocationLimit)
        settings.pinsAreConfigured = !configuration.pins.isEmpty
        settings.owner = configuration.owner
        settings.bulletins = offer.bulletins
        return GatewayLink(
            settings, registry: offer.registry, tokens: tokens,
            dial: { dialect throws(WebSocketError) in try await dialer.dial(as: dialect) },
            ask: { request, limit throws(WebSocketError) in try await dialer.ask(request, within: limit) },
            bell: bell, timekeeper: loop, log: log,
            report: { event in
                dialer.heed(event)
                report(event)
            })
    }
}

extension Condition {
    package static func notJoined(_ owner: NodeOwner) -> Condition {
        Condition(
            id: "not-joined", severity: .note,
            summary: "no gateway has been joined; one that is joined is connected to at once",
            remedy: "\(owner.clawnode) join wss://GATEWAY:18789 --token-file FILE")
    }

    /// That what was joined cannot be used, in the words of the error, which says what mends it behind a semicolon.
    static func gatewayUnknown(_ words: String, in directory: String) -> Condition {
        let border = words.firstRange(of: "; ")
        return Condition(
            id: "gateway-unknown", severity: .error,
            summary: "the joined gateway is unknown: " + (border.map { String(words[..<$0.lowerBound]) } ?? words),
            remedy: border.map { String(words[$0.upperBound...]) }
                ?? "\(NodeOwner(ofStateAt: directory).clawnode) join wss://GATEWAY:18789 --token-file FILE")
    }

    fileprivate static func identityLost(_ directory: String) -> Condition {
        Condition(
            id: "identity-lost", severity: .error,
            summary:
                "the identity is gone from \(directory): after its next start this node has to be approved as a new one",
            remedy: "put identity.json back into \(directory) from a copy, or join again")
    }
}
