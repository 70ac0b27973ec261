import LinuxIO
import NodeCore

/// What one gateway has taught us, and its way to the disk: at once if the disk takes it, and again until it does.
struct TokenKeeper: Sendable {
    private static let pause = Duration.seconds(30)

    private let tokens: TokenStore
    private let bootstrapToken: BootstrapToken?
    private let gateway: GatewayEndpoint
    private let deviceID: String
    private let timekeeper: any Timekeeper
    private let log: Log
    private let report: @Sendable (LinkEvent) -> Void
    private let changed: AsyncStream<Void>
    private let tellChanged: AsyncStream<Void>.Continuation

    init(
        _ tokens: TokenStore, _ bootstrapToken: BootstrapToken? = nil, of gateway: GatewayEndpoint, deviceID: String,
        timekeeper: any Timekeeper, log: Log, report: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.tokens = tokens
        self.bootstrapToken = bootstrapToken
        self.gateway = gateway
        self.deviceID = deviceID
        self.timekeeper = timekeeper
        self.log = log
        self.report = report
        (changed, tellChanged) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var memory: TokenStore.Memory { tokens.memory(of: gateway, deviceID: deviceID) }

    /// Holds from now on, and is on its way to the disk while `run` runs.
    func update(_ change: (inout TokenStore.Memory) -> Void) {
        var memory = memory
        change(&memory)
        tokens.remember(memory, of: gateway)
        tellChanged.yield()
    }

    /// The setup code's token has let us in, or never will.
    func useUpBootstrapToken() {
        guard let bootstrapToken, bootstrapToken.value != nil else { return }
        bootstrapToken.useUp()
        tellChanged.yield()
    }

    /// Saves what changes, until cancelled. While the disk does not take it, the connection goes on with what is known.
    func run() async {
        var failed = false
        for await _ in changed {
            while let failure = await save() {
                if !failed {
                    log.error(
                        "State cannot be saved; trying again", ["cause": "\(failure)", "seconds": "30"],
                        id: .stateUnsaved)
                    report(.raised(.stateUnwritable(failure)))
                }
                failed = true
                do { try await timekeeper.sleep(for: Self.pause) } catch { return }
            }
            if failed {
                failed = false
                log.info("State is saved again")
                report(.cleared(conditionID: Condition.stateUnwritableID))
            }
        }
    }

    /// The last attempt, for what was learned after `run` has ended.
    func finish() async {
        if let failure = await save() { log.error("State cannot be saved", ["cause": "\(failure)"], id: .stateUnsaved) }
    }

    private func save() async -> StateError? {
        guard !tokens.isSaved || bootstrapToken?.isSaved == false else { return nil }
        return await onOwnThread("state") { [tokens, bootstrapToken] in
            do throws(StateError) {
                try tokens.save()
                // Not before there is another to be let in with.
                try bootstrapToken?.save()
            } catch { return error }
            return nil
        }
    }
}

extension Condition {
    fileprivate static let stateUnwritableID = "state-unwritable"

    fileprivate static func stateUnwritable(_ failure: StateError) -> Condition {
        Condition(
            id: stateUnwritableID, severity: .error, summary: failure.fault + "; it is tried again by itself",
            remedy: failure.remedy.isEmpty ? nil : failure.remedy)
    }
}
