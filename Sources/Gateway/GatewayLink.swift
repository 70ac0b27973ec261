import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import Synchronization
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
        /// How many invocations may be under way at once.
        package var invocationLimit: Int

        package init(
            gateway: GatewayEndpoint, profile: NodeProfile, identity: DeviceIdentity, secret: SharedSecret,
            invocationLimit: Int
        ) {
            self.gateway = gateway
            self.profile = profile
            self.identity = identity
            self.secret = secret
            self.invocationLimit = invocationLimit
        }
    }

    /// Before `hello-ok`, nothing of a gateway is worth more memory than this.
    package static let maxMessageBeforeHello = 64 * 1024
    /// What a node must be able to take afterwards (openclaw-gateway §1.2), with room for the frame around it.
    private static let maxMessage = 26 * 1024 * 1024
    private static let handshakeTime = Duration.seconds(15)

    private let settings: Settings
    private let tokens: TokenStore
    private let dial: Dial
    private let timekeeper: any Timekeeper
    private let log: Log
    private let report: @Sendable (LinkEvent) -> Void
    private let table: InvocationTable
    private let stopping = OneShot()
    private let tokensChanged: AsyncStream<Void>
    private let tellTokensChanged: AsyncStream<Void>.Continuation

    package init(
        _ settings: Settings, registry: CommandRegistry, tokens: TokenStore, dial: @escaping Dial,
        timekeeper: any Timekeeper, log: Log, report: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.settings = settings
        self.tokens = tokens
        self.dial = dial
        self.timekeeper = timekeeper
        self.log = log
        self.report = report
        (tokensChanged, tellTokensChanged) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
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
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await table.run() }
            group.addTask { try await keepTokens() }
            group.addTask { try await stayConnected() }
            // Only the third of them returns before it is cancelled.
            try await group.next()
            group.cancelAll()
        }
        // What the last connection taught us may not have reached the disk yet.
        if let failure = await saveTokens() { log.error("State cannot be saved", ["cause": "\(failure)"]) }
        report(.stopped)
    }

    private func stayConnected() async throws {
        var policy = ReconnectPolicy()
        var signature: SignatureVersion?
        var lastCause = ""
        while !stopping.hasFired {
            let memory = tokens.memory(of: settings.gateway, deviceID: settings.identity.deviceID)
            let attempt = Reaction.Attempt(
                credential: credential(memory), signature: signature ?? memory.signature ?? .v3)
            report(.connecting)
            let (end, trouble) = await connect(attempt, memory)
            try Task.checkCancellation()
            if case .stopping = end.cause { return }

            if case .refused(let refusal) = end.cause, case .retryNow(let change) = Reaction(to: refusal, of: attempt) {
                switch change {
                case .olderSignature: signature = .v2
                case .deviceTokenInTokenSlot: update { $0.deviceTokenSlot = .token }
                case .withoutDeviceToken: update { $0.tokens["node"] = nil }
                }
            }
            let delay = policy.delay(after: end, jitter: .random(in: 0...1))
            let condition = LinkCondition(gateway: settings.gateway, deviceID: settings.identity.deviceID)
                .condition(for: end, trouble: trouble)
            tell(end, condition, delay, &lastCause)
            try await wait(delay)
        }
    }

    private func credential(_ memory: TokenStore.Memory) -> Credential {
        guard let token = memory.tokens["node"]?.token else { return settings.secret.credential }
        return .deviceToken(token, in: memory.deviceTokenSlot ?? .deviceToken)
    }

    /// Sleeps, unless we are asked to stop.
    private func wait(_ delay: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await timekeeper.sleep(for: delay) }
            group.addTask { try await stopping.fired() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// A fault is told when it changes, not each time it is met.
    private func tell(_ end: Disconnect, _ condition: Condition, _ delay: Duration, _ lastCause: inout String) {
        report(.waiting(condition, isApproval: end.retry == .approval, retryIn: delay))
        let cause = condition.id + condition.summary + (condition.remedy ?? "")
        let seconds = "\((delay / .milliseconds(100)).rounded() / 10)"
        defer { lastCause = end.served == nil ? cause : "" }
        if end.retry == .now || cause == lastCause {
            return log.debug("Trying again", ["cause": "\(end.cause)", "seconds": seconds])
        }
        if end.retry == .approval {
            log.warning("Waiting for approval", ["run": condition.remedy ?? "", "device": settings.identity.deviceID])
        } else if condition.severity == .error {
            log.error(
                "Not connected", ["cause": condition.summary, "remedy": condition.remedy ?? "", "seconds": seconds])
        } else {
            log.warning("Not connected", ["cause": "\(end.cause)", "seconds": seconds])
        }
    }

    // MARK: One connection

    private func connect(
        _ attempt: Reaction.Attempt, _ memory: TokenStore.Memory
    ) async -> (Disconnect, Reaction.Trouble?) {
        let transport: any Transport
        do throws(WebSocketError) { transport = try await dial() } catch {
            return (Disconnect(.transport(error), retry: error.isDistrust ? .rarely : .backoff), nil)
        }
        let outcome = await shakeHands(transport, attempt)
        switch outcome {
        case .refused(let refusal):
            await transport.close(.normal, reason: "")
            let reaction = Reaction(to: refusal, of: attempt)
            return (Disconnect(.refused(refusal), retry: reaction.retry), reaction.trouble)
        case .failed(let cause):
            await transport.close(.policyViolation, reason: "connect failed")
            return (Disconnect(cause), nil)
        case .welcome(let hello):
            return (await serve(transport, hello, attempt), nil)
        }
    }

    private enum Outcome: Sendable {
        case welcome(Hello)
        case refused(GatewayRefusal)
        case failed(Disconnect.Cause)
    }

    private func shakeHands(_ transport: any Transport, _ attempt: Reaction.Attempt) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await self.converse(transport, attempt) }
            group.addTask {
                do { try await timekeeper.sleep(for: Self.handshakeTime) } catch { return .failed(.stopping) }
                return .failed(.handshake("the gateway did not complete the handshake within \(Self.handshakeTime)"))
            }
            group.addTask {
                do { try await stopping.fired() } catch { return .failed(.stopping) }
                return .failed(.stopping)
            }
            let first = await group.next() ?? .failed(.stopping)
            group.cancelAll()
            return first
        }
    }

    private func converse(_ transport: any Transport, _ attempt: Reaction.Attempt) async -> Outcome {
        var handshake = Handshake(
            profile: settings.profile, identity: settings.identity, attempt: attempt, wallClockMs: Self.wallClockMs)
        do {
            while let message = try await transport.receive() {
                switch try handshake.receive(message.bytes) {
                case .wait: continue
                case .send(let frame): try await transport.send(.text(frame))
                case .welcome(let hello): return .welcome(hello)
                case .refused(let refusal): return .refused(refusal)
                }
            }
        } catch let error as WebSocketError {
            return .failed(.transport(error))
        } catch Handshake.Fault.noNonce {
            return .failed(.handshake("connect challenge missing nonce"))
        } catch {
            return .failed(.handshake("\(error)"))
        }
        let frame = transport.closeFrame ?? (.noStatus, "")
        // A close frame's reason is the fallback for an error that did not arrive (§1.4).
        switch frame.code {
        case .policyViolation, .protocolError, .messageTooBig:
            return .refused(GatewayRefusal(code: "CLOSED", message: frame.reason))
        default: return .failed(.closed(frame.code, reason: frame.reason))
        }
    }

    @Sendable private static func wallClockMs() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    private func serve(_ transport: any Transport, _ hello: Hello, _ attempt: Reaction.Attempt) async -> Disconnect {
        transport.setMaxMessage(Self.maxMessage)
        update { memory in
            if let token = hello.deviceToken {
                memory.tokens["node"] = TokenStore.Memory.Token(token: token, role: hello.role, scopes: hello.scopes)
            }
            memory.signature = attempt.signature == .v3 ? nil : attempt.signature
        }
        let claims = settings.profile.claims
        let served = tokens.memory(of: settings.gateway, deviceID: settings.identity.deviceID).servedClaims == claims
        log.info(
            "Connected",
            ["gateway": "\(settings.gateway)", "server": hello.serverVersion, "protocol": "\(hello.protocolVersion)"])
        report(.connected(hello))
        if !served {
            let hint = LinkCondition.surfaceApproval
            log.info("Commands may need approval", ["run": hint.remedy ?? ""])
            report(.raised(hint))
        }
        let told = Mutex(served)
        return await GatewaySession(
            transport: transport, hello: hello, nodeID: settings.identity.deviceID, table: table,
            timekeeper: timekeeper,
            stopping: stopping, log: log
        ) {
            let isFirst = told.withLock { told in
                defer { told = true }
                return !told
            }
            guard isFirst else { return }
            update { $0.servedClaims = claims }
            report(.cleared(conditionID: LinkCondition.surfaceApproval.id))
        }.run()
    }

    // MARK: What is remembered

    private func update(_ change: (inout TokenStore.Memory) -> Void) {
        var memory = tokens.memory(of: settings.gateway, deviceID: settings.identity.deviceID)
        change(&memory)
        tokens.remember(memory, of: settings.gateway)
        tellTokensChanged.yield()
    }

    /// Brings what was learned to the disk, and keeps trying while the disk does not take it: the connection goes on.
    private func keepTokens() async throws {
        var failed = false
        for await _ in tokensChanged {
            while !tokens.isSaved {
                guard let failure = await saveTokens() else { break }
                if !failed {
                    log.error("State cannot be saved; trying again", ["cause": "\(failure)", "seconds": "30"])
                    report(
                        .raised(
                            Condition(id: "state-unwritable", severity: .error, summary: "\(failure)", remedy: "df -h"))
                    )
                }
                failed = true
                try await timekeeper.sleep(for: .seconds(30))
            }
            if failed {
                failed = false
                log.info("State is saved again")
                report(.cleared(conditionID: "state-unwritable"))
            }
        }
    }

    private func saveTokens() async -> StateError? {
        await onOwnThread("state") { [tokens] in
            do throws(StateError) { try tokens.save() } catch { return error }
            return nil
        }
    }
}

extension Reaction {
    fileprivate var retry: Disconnect.Retry {
        switch self {
        case .retry: .backoff
        case .retryAfter(let milliseconds): .after(.milliseconds(milliseconds))
        case .retryNow: .now
        case .waitForApproval: .approval
        case .rarely: .rarely
        }
    }

    fileprivate var trouble: Trouble? {
        if case .rarely(let trouble) = self { return trouble }
        return nil
    }
}

extension WebSocketError {
    /// The certificate is not the one we may talk to: that mends itself rarely, and asking often looks like an attack.
    fileprivate var isDistrust: Bool {
        switch self {
        case .tls(.untrusted), .tls(.pinMismatch), .tls(.hostMismatch), .tls(.unusableCAFile): true
        default: false
        }
    }
}
