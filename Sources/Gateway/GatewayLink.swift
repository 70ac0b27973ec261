import LinuxIO
import NodeCore
import WebSocket

/// Keeps one connection to one gateway for as long as it runs: dial, shake hands, serve, and again.
///
/// Nothing that a gateway, a network or a disk does ends it.
package struct GatewayLink: Service {
    /// Opens a connection; each call a new one.
    package typealias Dial = @Sendable () async throws(WebSocketError) -> any Transport

    package struct Settings: Sendable {
        package var gateway: GatewayEndpoint
        package var profile: NodeProfile
        package var identity: DeviceIdentity
        package var secret: SharedSecret
        /// The setup code's that this gateway was joined with.
        package var bootstrapToken: BootstrapToken?
        /// Whether what answers there is the gateway for sure: on this machine, or with the certificate that the owner named.
        package var isTrusted: Bool
        /// How many invocations may be under way at once.
        package var invocationLimit: Int
        /// Whether the gateway's pins are the configuration's, and not those that `join` has stored.
        package var pinsAreConfigured = false

        package init(
            gateway: GatewayEndpoint, profile: NodeProfile, identity: DeviceIdentity, secret: SharedSecret,
            bootstrapToken: BootstrapToken? = nil, isTrusted: Bool = false, invocationLimit: Int
        ) {
            self.gateway = gateway
            self.profile = profile
            self.identity = identity
            self.secret = secret
            self.bootstrapToken = bootstrapToken
            self.isTrusted = isTrusted
            self.invocationLimit = invocationLimit
        }
    }

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
    private let timekeeper: any Timekeeper
    private let log: Log
    private let report: @Sendable (LinkEvent) -> Void
    private let table: InvocationTable
    private let stopping = OneShot()

    package init(
        _ settings: Settings, registry: CommandRegistry, tokens: TokenStore, dial: @escaping Dial,
        timekeeper: any Timekeeper, log: Log, report: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.settings = settings
        self.timekeeper = timekeeper
        self.log = log
        self.report = report
        greeting = Greeting(
            profile: settings.profile, identity: settings.identity, dial: dial, timekeeper: timekeeper,
            stopping: stopping)
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
        // What a gateway let in is remembered for it; this is what is being tried meanwhile.
        var signature: SignatureVersion?
        var choice = CredentialChoice(settings.secret, isTrusted: settings.isTrusted)
        var news = FaultNews()
        while !stopping.hasFired && !Task.isCancelled {
            let attempt = choice.attempt(
                memory.memory, bootstrapToken: settings.bootstrapToken?.value, signature: signature)
            report(.connecting)
            let (end, trouble) = await connect(attempt)
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
            let delay = policy.delay(after: end, jitter: .random(in: 0...1))
            let condition = LinkCondition(
                gateway: settings.gateway, deviceID: settings.identity.deviceID,
                knownCertificate: memory.memory.certificate,
                pinsAreConfigured: settings.pinsAreConfigured
            )
            .condition(for: end, trouble: trouble)
            tell(end, condition, delay, isNews: news.isNews(end, condition))
            await wait(delay)
        }
    }

    /// Sleeps, unless we are asked to stop or cancelled: the caller looks for both.
    private func wait(_ delay: Duration) async {
        // Either throws when it is cancelled only, and that is the end of the wait as well.
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await timekeeper.sleep(for: delay) }
            group.addTask { try? await stopping.fired() }
            await group.next()
            group.cancelAll()
        }
    }

    private func tell(_ end: Disconnect, _ condition: Condition, _ delay: Duration, isNews: Bool) {
        report(.waiting(condition, isApproval: end.retry == .approval, retryIn: delay))
        let seconds = "\((delay / .milliseconds(100)).rounded() / 10)"
        if !isNews {
            log.debug("Trying again", ["cause": "\(end.cause)", "seconds": seconds])
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
                "Not connected", ["cause": "\(end.cause)", "seconds": seconds], id: condition.messageID)
        }
    }

    // MARK: One connection

    private func connect(_ attempt: Reaction.Attempt) async -> (Disconnect, Reaction.Trouble?) {
        switch await greeting.run(attempt) {
        case .failed(let end, let trouble): (end, trouble)
        case .welcome(let hello, let transport): (await serve(transport, hello, attempt), nil)
        }
    }

    private func serve(_ transport: any Transport, _ hello: Hello, _ attempt: Reaction.Attempt) async -> Disconnect {
        transport.setMaxMessage(Self.maxMessage)
        memory.update { known in
            let isHandOver = settings.bootstrapToken?.value != nil && settings.gateway.isConfidential
            if let fresh = hello.token(orOf: isHandOver), fresh.token != known.tokens["node"]?.token {
                known.tokens["node"] = fresh
            }
            known.signature = attempt.signature == .v3 ? nil : attempt.signature
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
            timekeeper: timekeeper, stopping: stopping, log: log, wasTicked: { report(.ticked(hello.tickInterval)) },
            wasServed: { command in if !isServed { wasServed(command, widening) } }
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
