import Gateway
import NodeCore

/// What `clawnode join` makes of the daemon's statuses, until there is nothing left to wait for.
package struct JoinProgress: Sendable {
    package enum Ending: Equatable, Sendable {
        case connected
        /// The code is used up or has expired.
        case badCode
        /// The gateway speaks no protocol we know, or its certificate is not the right one.
        case unsuitable
        /// The gateway refuses us for good.
        case refused
    }

    package struct Step: Equatable, Sendable {
        package var say: [String] = []
        package var ending: Ending?
    }

    private let endpoints: [GatewayEndpoint]
    private let outdated: NodeStatus?
    private let supervisor: @Sendable (Int) -> Supervisor
    private var told: Set<String> = []
    private var isThere = false
    private let owner: NodeOwner
    /// Since when no daemon tells anything.
    private var silence: ContinuousClock.Instant?

    /// A daemon that is restarted is away for a moment, and then has told nothing yet; a slow machine takes a while to start one.
    private static let patience = Duration.seconds(10)

    /// What the daemon of `outdated` tells is about what was before, until it begins anew: by itself, unless it is of another version.
    package init(
        joining endpoints: [GatewayEndpoint], of owner: NodeOwner, outdated: NodeStatus?,
        supervisor: @escaping @Sendable (Int) -> Supervisor = Supervisor.init(of:)
    ) {
        self.endpoints = endpoints
        self.owner = owner
        self.outdated = outdated
        self.supervisor = supervisor
    }

    package mutating func take(_ presence: DaemonPresence, at now: ContinuousClock.Instant) -> Step {
        var step = Step()
        if case .told(let status) = presence {
            silence = nil
            isThere = true
            take(status, &step)
            return step
        }
        let since = silence ?? now
        silence = since
        guard since.duration(to: now) >= Self.patience else { return step }
        switch presence {
        case .absent: if isThere { say("The daemon has stopped. Start it: \(owner.start)", &step) }
        case .untold(let path):
            say("The daemon has written no \(path) yet; if it was given another --runtime-dir, name it here too", &step)
        case .told: break
        }
        return step
    }

    private mutating func take(_ status: NodeStatus, _ step: inout Step) {
        if let outdated, status.pid == outdated.pid, status.startedAtMs == outdated.startedAtMs {
            if outdated.version == nodeVersion { return }
            return say(Self.unaware(supervisor(status.pid)), &step)
        }
        guard let url = status.gateway?.url else { return }
        guard endpoints.contains(where: { $0.description == url }) else {
            return say(
                "The daemon serves \(url), which its options or configuration name. Without that: "
                    + supervisor(status.pid).restart, &step)
        }
        // Before that, it may still turn out to be one that knows no such thing.
        let isAnswered = status.state == .approval || status.state == .connected
        if isAnswered, status.hasAllowList {
            let release = status.gateway?.serverVersion
            for advice in Self.advice(on: status.declared, release: release) { say(advice, &step) }
        }
        for condition in status.conditions.sorted(by: { $0.severity > $1.severity }) {
            say(condition.summary + (condition.remedy.map { "\n  " + Instruction.text($0) } ?? ""), &step)
            step.ending = step.ending ?? Self.ending(condition)
        }
        if status.state == .connected { step.ending = .connected }
    }

    /// What has to stand in the gateway's configuration before anything is approved, for approvals go no further than it.
    package static func advice(on declared: NodeStatus.Declared, release: String?) -> [String] {
        let list = AllowList(release: release)
        let lacking = list.lacking(declared.commands)
        guard lacking.contains(where: { declared.asked?.contains($0) != true }) else { return [] }
        return [
            "As a default no gateway lets these through: \(lacking.joined(separator: " "))\n"
                + "  do, in the gateway's openclaw.json: \(list.lines(for: lacking))"
        ]
    }

    /// How it stands, in a few words that fit into a line.
    package static func standing(_ presence: DaemonPresence, now: Int) -> String {
        guard case .told(let status) = presence else { return "waiting for the daemon" }
        let words =
            switch status.state {
            case .approval: "waiting for the gateway's operator to approve this device"
            case .notJoined, .starting: "waiting for the daemon"
            case .connecting: "connecting"
            case .waiting: "no connection yet"
            case .connected: "connected"
            case .stopping: "the daemon is stopping"
            }
        let seconds = status.retryAtMs.map { max(0, ($0 - now + 999) / 1000) }
        return words + (seconds.map { "; asked again in \($0) s" } ?? "")
    }

    /// Of a daemon that was not started again since.
    package static func unaware(_ supervisor: Supervisor) -> String {
        "The daemon does not know of this yet. Restart it: \(supervisor.restart)"
    }

    /// What waiting does not mend.
    private static func ending(_ condition: Condition) -> Ending? {
        switch condition.id {
        case "bootstrap-token": .badCode
        case "protocol", "certificate", "gateway-scheme": .unsuitable
        case "credentials", "identity", "pairing-rejected": .refused
        default: nil
        }
    }

    /// Each thing once.
    private mutating func say(_ text: String, _ step: inout Step) {
        if told.insert(text).inserted { step.say.append(text) }
    }
}
