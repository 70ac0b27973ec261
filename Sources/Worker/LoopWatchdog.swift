import LinuxIO
import NodeCore

/// Tells systemd that a worker's loop turns. A worker that does not turn any more does not see the daemon hang up either,
/// and would keep its device and its connection for ever.
struct LoopWatchdog: Service {
    private let manager: ServiceManager
    private let patience: Duration
    private let timekeeper: any Timekeeper
    private let log: Log

    /// Nil when nobody watches.
    init?(_ manager: ServiceManager?, timekeeper: any Timekeeper, log: Log) {
        guard let manager, let patience = manager.patience else { return nil }
        self.manager = manager
        self.patience = patience
        self.timekeeper = timekeeper
        self.log = log
    }

    /// Runs until cancelled.
    func run() async throws {
        var hasFailed = false
        while true {
            do throws(Errno) {
                try await manager.tell(["WATCHDOG": "1"])
                hasFailed = false
            } catch {
                if !hasFailed { log.warning("systemd cannot be told of life", ["reason": "\(error)"]) }
                hasFailed = true
            }
            try await timekeeper.sleep(for: patience / 3)
        }
    }
}
