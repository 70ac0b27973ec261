import LinuxIO
import NodeCore
import WebSocket

/// Keeps one connection to one gateway for as long as it runs: dial, shake hands, serve, and again.
///
/// Nothing that a gateway, a network or a disk does ends it.
package struct GatewayLink: Service {
    /// Opens a connection; each call a new one. At an address that names no path, it is the one of this dialect.
    package typealias Dial = @Sendable (Dialect?) async throws(WebSocketError) -> any Transport
    /// Asks the gateway's HTTP side, for no longer than that.
    package typealias Ask = @Sendable (HTTPRequest, Duration) async throws(WebSocketError) -> HTTPAnswer

    /// Of a gateway that has not let us in. `hello-ok` itself has to fit: it tells of every client that is present and of
    /// every channel's health, 0.6 KB for each client (openclaw-gateway §4), so the 64 KiB that gateways allow us are too few.
    package static let maxMessageBeforeHello = 1024 * 1024
    /// What a node must be able to take afterwards (openclaw-gateway §1.2), with room for the frame around it.
    private static let maxMessage = 26 * 1024 * 1024

    /// The condition that is raised while it is not known whether the gateway lets any of the claims through.
    package static let surfaceApprovalID = LinkCondition.surfaceApprovalID

    /// The longest time from an open connection to `hello-ok`, or to giving up.
    package static let greetingTime = Greeting.patience

    private let settings: Settings
    private let greeting: Greeting
    private let memory: TokenKeeper
    private let bell: WakeBell
    private let timekeeper: any Timekeeper
    private let log: Log
    private let report: @Sendable (LinkEvent) -> Void
    private let table: InvocationTable
    private let stopping = OneShot()
    private let goclaw: GoClawSession.Node

    package init(
        _ settings: Settings, registry: CommandRegistry, tokens: TokenStore, dial: @escaping Dial,
        ask: @escaping Ask, bell: WakeBell = WakeBell(), timekeeper: any Timekeeper, log: Log,
        report: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.settings = settings
        self.bell = bell
        self.timekeeper = timekeeper
        self.log = log
        self.report = report
        greeting = Greeting(
            gateway: settings.gateway, profile: settings.profile, identity: settings.identity, dial: dial, ask: ask,
            timekeeper: timekeeper, stopping: stopping)
        memory = TokenKeeper(
            tokens, settings.bootstrapToken, of: settings.gateway, deviceID: settings.identity.deviceID,
            timekeeper: timekeeper, log: log,
            report: report)
        table = InvocationTable(
            registry: registry, limit: settings.invocationLimit, timekeeper: timekeeper, log: log
        ) { record in
            log.info(
                "Invocation",
                [
                    "id": record.id, "command": record.command, "outcome": record.outcome,
                    "ms": "\(record.duration / .milliseconds(1))",
                    "bytes": record.bytes.map { "\($0)" } ?? "undelivered",
                ])
            report(.invoked(record))
        }
        goclaw = GoClawSession.Node(
            gateway: settings.gateway, owner: settings.owner, profile: settings.profile, identity: settings.identity,
            token: settings.secret.token, key: settings.nodeKey, table: table, memory: memory, past: GoClawPast(),
            ask: ask, timekeeper: timekeeper, stopping: stopping, bell: bell, log: log, report: report)
    }

    /// Takes no more invocations; `run` returns when those under way are answered and the connection is closed.
    package func stop() {
        stopping.fire()
    }

    /// Returns after `stop()`. Throws `CancellationError` when its task is cancelled.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await table.run() }
            group.addTask { await memory.run() }
            group.addTask { await stayConnected() }
            // Only the third of them returns before it is cancelled.
            await group.next()
            group.cancelAll()
        }
        await memory.finish()
        try Task.checkCancellation()
        report(.stopped)
    }

    private func stayConnected() async {
        var policy = ReconnectPolicy()
        var early = EarlyRetry()
        var goclawPolicy = GoClawBackoff()
        var search = DialectSearch(settings.dialect, path: settings.gateway.path, known: memory.memory.dialect)
        // What a gateway let in is remembered for it; this is what is being tried meanwhile.
        var signature: SignatureVersion?
        var choice = CredentialChoice(settings.secret, isTrusted: settings.isTrusted)
        var news = FaultNews()
        var requests = ApprovalRequests()
        if let dialect = search.setting.fixed ?? search.known { report(.recognised(dialect)) }
        while !stopping.hasFired && !Task.isCancelled {
            let attempt = choice.attempt(
                memory.memory, bootstrapToken: settings.bootstrapToken?.value, signature: signature)
            report(.connecting)
            // What comes while it is dialled counts.
            bell.settle(upTo: bell.latest)
            let (end, trouble, told) = await connect(attempt, &search)
            if stopping.hasFired || Task.isCancelled { return }

            var change: Reaction.Change?
            if case .refused(let refusal) = end.cause, case .retryNow(let wanted) = Reaction(to: refusal, of: attempt) {
                change = wanted
            }
            switch change {
            case .olderSignature?: signature = .v2
            case .deviceTokenInTokenSlot?: memory.update { $0.deviceTokenSlot = .token }
            case .withoutDeviceToken?: memory.update { $0.tokens["node"] = nil }
            case .withoutBootstrapToken?: memory.useUpBootstrapToken()
            case .withDeviceTokenToo?, nil: break
            }
            choice.heed(change, of: attempt)
            requests.heed(end)
            let jitter = Double.random(in: 0...1)
            let delay =
                search.isGoClaw
                ? goclawPolicy.delay(after: end, jitter: jitter) : policy.delay(after: end, jitter: jitter)
            let words = LinkCondition(
                gateway: settings.gateway, deviceID: settings.identity.deviceID,
                knownCertificate: memory.memory.certificate, pinsAreConfigured: settings.pinsAreConfigured,
                owner: settings.owner, asksAnew: requests.isAnew)
            var condition = told ?? words.condition(for: end, trouble: trouble)
            if search.isGoClaw {
                condition = GoClawCondition(gateway: settings.gateway, owner: settings.owner).adapted(condition)
            }
            let redaction = Redaction([
                settings.secret.token, settings.secret.password, settings.bootstrapToken?.value,
                attempt.credential.token, memory.memory.tokens["node"]?.token, settings.nodeKey?.text,
            ])
            condition = redaction.condition(condition)
            tell(end, redaction.text("\(end.cause)"), condition, delay, isNews: news.isNews(end, condition))
            await wait(delay, after: end, condition, &early)
        }
    }

    /// Sleeps, unless something wakes us that may have mended what was wrong, or we are asked to stop or cancelled: the caller
    /// looks for both.
    private func wait(
        _ delay: Duration, after end: Disconnect, _ condition: Condition, _ early: inout EarlyRetry
    ) async {
        var deadline = timekeeper.now + delay
        var last = 0
        while let ring = await ring(after: last, before: deadline) {
            last = ring.number
            let now = timekeeper.now
            guard let moment = early.moment(of: ring.wake, after: end, at: now), moment < deadline else { continue }
            deadline = moment
            early.dialled(at: moment)
            log.info("Trying again early", ["because": "\(ring.wake)"])
            report(.waiting(condition, isApproval: false, retryIn: now.duration(to: moment)))
        }
    }

    /// Nil once the deadline has passed, we are to stop, or cancelled.
    private func ring(after number: Int, before deadline: ContinuousClock.Instant) async -> WakeBell.Ring? {
        await withTaskGroup(of: WakeBell.Ring?.self) { group in
            // Each throws when it is cancelled only, and that is the end of the wait as well.
            group.addTask {
                try? await timekeeper.sleep(until: deadline)
                return nil
            }
            group.addTask {
                try? await stopping.fired()
                return nil
            }
            group.addTask { try? await bell.next(after: number) }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func tell(
        _ end: Disconnect, _ cause: String, _ condition: Condition, _ delay: Duration, isNews: Bool
    ) {
        report(.waiting(condition, isApproval: end.retry == .approval, retryIn: delay))
        let seconds = "\((delay / .milliseconds(100)).rounded() / 10)"
        if !isNews {
            log.debug("Trying again", ["cause": cause, "seconds": seconds])
        } else if end.retry == .approval {
            log.warning(
                "Waiting for approval", ["run": condition.remedy ?? "", "device": settings.identity.deviceID],
                id: .deviceApproval)
        } else if condition.severity == .error {
            log.error(
                "Not connected", ["cause": condition.summary, "remedy": condition.remedy ?? "", "seconds": seconds],
                id: condition.messageID)
        } else {
            log.warning(
                "Not connected", ["cause": cause, "seconds": seconds], id: condition.messageID)
        }
    }

    // MARK: One connection

    /// One cycle: a connection, and another at once where the first shows that the gateway listens elsewhere or speaks the
    /// other dialect.
    private func connect(
        _ attempt: Reaction.Attempt, _ search: inout DialectSearch
    ) async -> (Disconnect, Reaction.Trouble?, Condition?) {
        search.begin()
        while true {
            switch await greeting.run(attempt, search) {
            case .failed(let end, let trouble):
                if case .transport(.upgradeRefused(let status, _)) = end.cause, search.refused(status: status) {
                    continue
                }
                if case .handshake = end.cause { search.silent() }
                return (end, trouble, nil)
            case .foreign(let family):
                return (family.disconnect, nil, family.condition(settings.gateway, settings.owner))
            case .welcome(let hello, let transport):
                search.confirmed(.openclaw)
                return (await serve(transport, hello, attempt), nil, nil)
            case .goclaw(let transport, let openedAt, let early):
                let session = GoClawSession(
                    node: goclaw, transport: transport, openedAt: openedAt, isGuess: settings.dialect == .auto)
                switch await session.run(early) {
                case .ended(let end, let condition, let isConfirmed):
                    if isConfirmed { search.confirmed(.goclaw) }
                    return (end, nil, condition)
                case .mistaken where search.mistaken(at: timekeeper.now):
                    if let known = search.known { report(.recognised(known)) }
                    continue
                case .mistaken:
                    let words = "the gateway answers now as OpenClaw's do, and now as GoClaw's"
                    return (Disconnect(.handshake(words)), nil, nil)
                }
            }
        }
    }

    private func serve(_ transport: any Transport, _ hello: Hello, _ attempt: Reaction.Attempt) async -> Disconnect {
        transport.setMaxMessage(Self.maxMessage)
        // What rang before `hello-ok` came through has not ended this connection.
        bell.settle(upTo: bell.latest)
        memory.update { known in
            let isHandOver = settings.bootstrapToken?.value != nil && settings.gateway.isConfidential
            if let fresh = hello.token(orOf: isHandOver), fresh.token != known.tokens["node"]?.token {
                known.tokens["node"] = fresh
            }
            known.signature = attempt.signature == .v3 ? nil : attempt.signature
            known.dialect = .openclaw
            if let certificate = transport.pinnedCertificate { known.certificate = certificate }
        }
        memory.useUpBootstrapToken()
        let widening = settings.profile.widening(of: memory.memory.servedClaims)
        let isServed = widening?.isEmpty == true
        let approval = LinkCondition.surfaceApproval(widening)
        // First, so that whoever sees the connection sees this too.
        if !isServed { report(.raised(approval)) }
        log.info(
            "Connected",
            ["gateway": "\(settings.gateway)", "server": hello.serverVersion, "protocol": "\(hello.protocolVersion)"])
        report(.connected(hello))
        if !isServed {
            log.info("Commands may need approval", ["run": approval.remedy ?? ""], id: .surfaceApproval)
        }
        return await GatewaySession(
            transport: transport, hello: hello, nodeID: settings.identity.deviceID, table: table,
            timekeeper: timekeeper, stopping: stopping, bell: bell, log: log,
            wasTicked: { report(.ticked(hello.tickInterval)) },
            wasServed: { command in if !isServed { wasServed(command, widening) } }, bulletins: settings.bulletins
        ).run()
    }

    /// The gateway has let `command` through: with it all that was asked to be approved, unless it is one that was approved before.
    private func wasServed(_ command: String, _ widening: [String]?) {
        let claims = settings.profile.claims
        guard memory.memory.servedClaims != claims else { return }
        if let widening, !widening.contains(command), settings.profile.commands.contains(where: widening.contains) {
            return
        }
        memory.update { $0.servedClaims = claims }
        report(.cleared(conditionID: LinkCondition.surfaceApprovalID))
    }
}
