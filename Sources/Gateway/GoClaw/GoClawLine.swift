import LinuxIO
import NodeCore
import Synchronization
import WebSocket

/// What the tasks of one GoClaw connection share.
final class GoClawLine: Sendable {
    private struct State {
        var watchdog: TickWatchdog
        var hint = OneShot()
        /// When the gateway expects to be back, once it has said that it goes.
        var restart: Duration?
        var isConfirmed = false
        var readyAt: ContinuousClock.Instant?
        /// By which the gateway calls us since the last registration, beside the names that are ours.
        var registeredName: String?
        var wasRefused = false
    }

    let calls = CallTable()
    /// Fires when the connection is gone.
    let closed = OneShot()
    private let names: Set<String>
    private let state: Mutex<State>

    init(names: Set<String>, now: ContinuousClock.Instant) {
        self.names = names
        state = Mutex(State(watchdog: TickWatchdog(interval: GoClawLimits.silence / 2, now: now)))
    }

    func heard(at now: ContinuousClock.Instant) {
        state.withLock { $0.watchdog.heard(at: now) }
    }

    /// How long nothing may be heard, and when something was.
    var hearing: TickWatchdog { state.withLock { $0.watchdog } }

    /// `bytesUnderWay`: of a message that is still coming in.
    func isSilent(at now: ContinuousClock.Instant, bytesUnderWay: Int) -> Bool {
        state.withLock { state in
            state.watchdog.progressed(to: bytesUnderWay, at: now)
            return state.watchdog.nextLook(at: now) == nil
        }
    }

    /// Fires when something was decided at the gateway from now on.
    var hint: OneShot { state.withLock { $0.hint } }

    func giveHint() {
        state.withLock { state in
            defer { state.hint = OneShot() }
            return state.hint
        }.fire()
    }

    var restart: Duration? {
        get { state.withLock { $0.restart } }
        set { state.withLock { $0.restart = newValue } }
    }

    /// Whether the gateway has shown that it speaks GoClaw.
    var isConfirmed: Bool {
        get { state.withLock { $0.isConfirmed } }
        set { state.withLock { $0.isConfirmed = newValue } }
    }

    var readyAt: ContinuousClock.Instant? {
        get { state.withLock { $0.readyAt } }
        set { state.withLock { $0.readyAt = newValue } }
    }

    var wasRefused: Bool {
        get { state.withLock { $0.wasRefused } }
        set { state.withLock { $0.wasRefused = newValue } }
    }

    /// In place of what the registration before gave: a gateway may think of a new one every time.
    func registered(as name: String) {
        state.withLock { $0.registeredName = name }
    }

    /// Without an id it is for whoever hears it.
    func isOurs(_ node: String?) -> Bool {
        guard let node else { return true }
        return names.contains(node) || state.withLock { $0.registeredName } == node
    }
}

/// What outlives the connections to a GoClaw gateway, but not the process.
final class GoClawPast: Sendable {
    private struct State {
        var requestedAt: ContinuousClock.Instant?
        var waiting: PairingProcedure.Waiting?
        var successorAskedAt: ContinuousClock.Instant?
        var registersAgainAt: ContinuousClock.Instant?
        var toldCode: String?
        var toldCondition: Condition?
    }

    private let state = Mutex(State())

    /// When a place among those who wait was last asked for.
    var requestedAt: ContinuousClock.Instant? {
        get { state.withLock { $0.requestedAt } }
        set { state.withLock { $0.requestedAt = newValue } }
    }

    /// What kept it waiting.
    var waiting: PairingProcedure.Waiting? {
        get { state.withLock { $0.waiting } }
        set { state.withLock { $0.waiting = newValue } }
    }

    var successorAskedAt: ContinuousClock.Instant? {
        get { state.withLock { $0.successorAskedAt } }
        set { state.withLock { $0.successorAskedAt = newValue } }
    }

    /// Not before; nil for at once. A gateway hangs up on a key that it has revoked.
    var registersAgainAt: ContinuousClock.Instant? {
        get { state.withLock { $0.registersAgainAt } }
        set { state.withLock { $0.registersAgainAt = newValue } }
    }

    /// Whether it is not the one that was told last.
    func isNews(_ condition: Condition) -> Bool {
        state.withLock { state in
            defer { state.toldCondition = condition }
            return state.toldCondition != condition
        }
    }

    /// Whether this code has not been told yet.
    func isNews(_ code: String) -> Bool {
        state.withLock { state in
            defer { state.toldCode = code }
            return state.toldCode != code
        }
    }
}
