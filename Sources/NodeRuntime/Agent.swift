import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import WebSocket

/// The daemon put together: state, link, workers, status, signals.
package struct Agent: Service {
    private let configuration: Configuration
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

    /// Serves until SIGTERM or SIGINT. Throws only when it cannot start: `StateError` or `AgentError`.
    package func run() async throws {
        let signals = try SignalListener([SIGTERM, SIGINT], on: loop)
        let state = try StateDirectory(claiming: configuration.stateDirectory)
        let identity = try DeviceIdentity.loadOrCreate(in: state.path)
        let tokens = try TokenStore(directory: state.path)
        _ = try GatewayRecord.load(from: state.path)
        let manager = ServiceManager(variables: surroundings.variables)
        let status = try StatusKeeper(
            directory: configuration.runtimeDirectory, deviceID: identity.deviceID, manager: manager, timekeeper: loop,
            log: log)
        let watchdog = Watchdog(manager, timekeeper: loop, log: log)
        let offer = CurrentOffer(offer(of: configuration, status))
        // Before the first look: a mark that is placed meanwhile is seen then.
        let watch = try StateWatch(state, on: loop)
        let bell = WakeBell()
        let wakes = WakeWatch(bell, variables: surroundings.variables, loop: loop, log: log)
        let pauses = PauseMarks(directory: state.path)
        await heed(pauses, offer.value, status)
        log.info("Started", ["version": nodeVersion, "device": identity.deviceID])

        try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { await status.run(watching: { offer.value.workers }) }
            services.addTask { try await wakes.run() }
            if let watchdog { services.addTask { try await watchdog.run() } }
            services.addTask {
                var isLost = false
                while true {
                    try await watch.next()
                    await heed(pauses, offer.value, status)
                    tell(status, identity, in: state, &isLost)
                }
            }
            services.addTask {
                try await serve(state, identity, tokens, offer, pauses, status, watchdog, bell, signals)
            }
            // Only serving ends by itself, and when it does, so does all else.
            try await services.next()
            services.cancelAll()
        }
        log.info("Stopped")
    }

    private func serve(
        _ state: StateDirectory, _ identity: DeviceIdentity, _ tokens: TokenStore, _ current: CurrentOffer,
        _ pauses: PauseMarks, _ status: StatusKeeper, _ watchdog: Watchdog?, _ bell: WakeBell,
        _ signals: SignalListener
    ) async throws {
        let stop = OneShot()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await heed(signals, stop, status) }
            group.addTask {
                guard let target = try await gateway(state, status, stop) else { return }
                if let fresh = target.configuration {
                    current.replace(by: offer(of: fresh, status))
                    await heed(pauses, current.value, status)
                }
                let offer = current.value
                await status.joined(
                    target.joined.endpoint, caps: offer.profile.caps, commands: offer.profile.commands)
                let link = link(to: target, identity, tokens, offer, status, watchdog, bell)
                try await withThrowingTaskGroup(of: Void.self) { inner in
                    inner.addTask { try await link.run() }
                    inner.addTask { try await offer.runWorkers() }
                    inner.addTask {
                        try await stop.fired()
                        link.stop()
                        // What hangs in the kernel cannot be cancelled, and a shutdown does not wait for it.
                        try await loop.sleep(for: .seconds(10))
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

    private func heed(_ pauses: PauseMarks, _ offer: Offer, _ status: StatusKeeper) async {
        for (capability, isPaused) in await offer.heed(pauses) {
            let condition = Condition.paused(capability)
            status.post(isPaused ? .raised(condition) : .cleared(conditionID: condition.id))
            log.info(isPaused ? "Paused" : "Resumed", ["capability": capability])
        }
    }

    /// The identity's file is not written again: whoever removed it may have meant to. It serves on until the next start.
    private func tell(
        _ status: StatusKeeper, _ identity: DeviceIdentity, in state: StateDirectory, _ isLost: inout Bool
    ) {
        guard identity.isStored(in: state.path) == isLost else { return }
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

    private func offer(of configuration: Configuration, _ status: StatusKeeper) -> Offer {
        Offer(configuration, surroundings, loop: loop, log: log, workersChanged: { status.workersChanged() })
    }

    /// Where the link is to lead.
    private struct Target {
        var joined: JoinedGateway
        var bootstrapToken: BootstrapToken?
        /// As it was when the gateway was joined, where that was waited for.
        var configuration: Configuration?
    }

    /// The configured gateway, else the joined one, waited for if need be; nil when we are stopped before that.
    private func gateway(
        _ state: StateDirectory, _ status: StatusKeeper, _ stop: OneShot
    ) async throws -> Target? {
        if let configured = try JoinedGateway(configuration, record: nil) { return Target(joined: configured) }
        let watch = try StateWatch(state, on: loop)
        var isTold = false
        while !stop.hasFired {
            do {
                let record = try GatewayRecord.load(from: state.path)
                let fresh = isTold && record != nil ? configurationNow() : nil
                let configuration = fresh ?? configuration
                if let joined = try JoinedGateway(configuration, record: record) {
                    // A configured gateway is none of the record's.
                    let token = configuration.gateway == nil ? BootstrapToken(record, in: state.path) : nil
                    return Target(joined: joined, bootstrapToken: token, configuration: fresh)
                }
            } catch {
                // It was good or absent when we started, and the next change of it is seen.
                log.error("The joined gateway is unknown", ["cause": "\(error)"], id: .gatewayUnknown)
            }
            if !isTold {
                log.warning("Not joined to a gateway", ["run": Condition.notJoined.remedy ?? ""], id: .notJoined)
            }
            isTold = true
            await status.notJoined()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.next() }
                group.addTask { try await stop.fired() }
                try await group.next()
                group.cancelAll()
            }
        }
        return nil
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
        to target: Target, _ identity: DeviceIdentity, _ tokens: TokenStore, _ offer: Offer,
        _ status: StatusKeeper,
        _ watchdog: Watchdog?, _ bell: WakeBell
    ) -> GatewayLink {
        let joined = target.joined
        let configuration = target.configuration ?? configuration
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let report = { @Sendable (event: LinkEvent) in
            status.post(event)
            watchdog?.heed(event)
            // A connection is there for weeks, and making it took more memory than keeping it does.
            if case .connected = event { Heap.trim() }
            // Who has started it by hand looks here, and whoever does not look finds it in the log and the status.
            if case .pairingCode(let code) = event, isTerminal {
                Self.say("GoClaw pairing code: \(code.inOneLine)")
            }
        }
        let dialer = GatewayDialer(joined.ways, trust: joined.trust, loop: loop, report: report)
        var settings = GatewayLink.Settings(
            gateway: joined.endpoint, profile: offer.profile, identity: identity, secret: joined.secret,
            bootstrapToken: target.bootstrapToken, isTrusted: joined.isTrusted, dialect: joined.dialect,
            nodeKey: configuration.nodeKey, invocationLimit: configuration.invocationLimit)
        settings.pinsAreConfigured = !configuration.pins.isEmpty
        return GatewayLink(
            settings, registry: offer.registry, tokens: tokens,
            dial: { dialect throws(WebSocketError) in try await dialer.dial(as: dialect) },
            ask: { request throws(WebSocketError) in try await dialer.ask(request) },
            bell: bell, timekeeper: loop, log: log,
            report: { event in
                dialer.heed(event)
                report(event)
            })
    }
}

extension Condition {
    package static let notJoined = Condition(
        id: "not-joined", severity: .note,
        summary: "no gateway has been joined; one that is joined is connected to at once",
        remedy: "clawnode join wss://GATEWAY:18789 --token-file FILE")

    fileprivate static func identityLost(_ directory: String) -> Condition {
        Condition(
            id: "identity-lost", severity: .error,
            summary:
                "the identity is gone from \(directory): after its next start this node has to be approved as a new one",
            remedy: "put identity.json back into \(directory) from a copy, or join again")
    }
}
