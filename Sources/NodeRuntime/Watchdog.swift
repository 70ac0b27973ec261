import Gateway
import LinuxIO
import NodeCore
import Synchronization

/// Tells systemd that the daemon lives, for as long as its link moves on.
///
/// Each of the link's events says how long the next one may take. When that time has passed, something hangs, and systemd
/// is left to find out.
package final class Watchdog: Service {
    private let signs: SignsOfLife
    private let timekeeper: any Timekeeper
    private let log: Log
    /// Nil while nothing is expected to happen.
    private let expected = Mutex<ContinuousClock.Instant?>(nil)

    /// What anything may take longer than it should, on a machine that swaps.
    private static let leeway = Duration.seconds(60)

    /// Nil when nobody watches.
    package init?(_ manager: ServiceManager?, timekeeper: any Timekeeper, log: Log) {
        guard let signs = SignsOfLife(manager, timekeeper: timekeeper, log: log) else { return nil }
        self.signs = signs
        self.timekeeper = timekeeper
        self.log = log
    }

    package func heed(_ event: LinkEvent) {
        let span: Duration
        switch event {
        case .connecting: span = GatewayDialer.connectTime + GatewayLink.greetingTime
        case .connected(let hello): span = hello.tickInterval * 2
        case .ticked(let interval): span = interval * 2
        case .waiting(_, _, let retryIn): span = retryIn
        case .recognised, .reached, .raised, .cleared, .invoked, .pairingCode, .stopped: return
        }
        expected.withLock { $0 = timekeeper.now + span + Self.leeway }
    }

    /// Runs until cancelled.
    package func run() async throws {
        try await signs.run {
            let isMoving = expected.withLock { $0.map { timekeeper.now < $0 } ?? true }
            if !isMoving { log.error("The link hangs; systemd is left to restart this daemon", id: .linkHangs) }
            return isMoving
        }
    }
}
