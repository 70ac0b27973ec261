import Gateway
import LinuxIO
import NodeCore

/// How long ago the machine was used by who sits at it, as gateways are told it (`node.presence.activity`, node-commands §19).
actor PresenceActivity {
    /// Gateways take it no more often.
    private static let interval = Duration.seconds(15)

    private let logins: Logins
    private let loop: EventLoop
    private var news = PresenceNews()

    init(variables: [String: String], on loop: EventLoop) {
        logins = Logins(SystemBus(variables: variables, on: loop))
        self.loop = loop
    }

    nonisolated var bulletin: Bulletin {
        Bulletin("node.presence.activity", every: Self.interval) { await self.payload(isFirst: $0) }
    }

    private func payload(isFirst: Bool) async -> [UInt8]? {
        news.payload(idle: await logins.idleness(), at: loop.now, isFirst: isFirst)
    }
}

/// What of it is told when.
struct PresenceNews {
    private struct Activity: Encodable {
        let idleSeconds: Int
        let source = "system"
    }

    /// Gateways forget a node that has told nothing for longer.
    private static let keepAlive = Duration.seconds(180)
    /// Idle times are whole seconds.
    private static let rounding = Duration.seconds(1)
    private static let longest = 2_592_000

    private var told: (use: ContinuousClock.Instant, at: ContinuousClock.Instant)?

    /// JSON; nil when nothing is new. `idle`: nil where it is not known.
    mutating func payload(idle: Duration?, at now: ContinuousClock.Instant, isFirst: Bool) -> [UInt8]? {
        let before = isFirst ? nil : told
        guard let idle else {
            told = nil
            return before.map { _ in Array(#"{"action":"clear"}"#.utf8) }
        }
        let use = now - idle
        if let before, use - before.use <= Self.rounding, now - before.at < Self.keepAlive { return nil }
        told = (use, now)
        let seconds = min(Int(idle.components.seconds), Self.longest)
        // Encoding these cannot fail.
        return try? JSON.encode(Activity(idleSeconds: seconds))
    }
}
