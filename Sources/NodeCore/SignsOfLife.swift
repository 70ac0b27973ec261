import LinuxIO

/// Tells systemd, twice as often as it has to, that this process lives: its loop turns, or this would not run.
package struct SignsOfLife: Service {
    private let manager: ServiceManager
    private let patience: Duration
    private let timekeeper: any Timekeeper
    private let log: Log

    /// Nil when nobody watches.
    package init?(_ manager: ServiceManager?, timekeeper: any Timekeeper, log: Log) {
        guard let manager, let patience = manager.patience else { return nil }
        self.manager = manager
        self.patience = patience
        self.timekeeper = timekeeper
        self.log = log
    }

    /// Runs until cancelled.
    package func run() async throws {
        try await run { true }
    }

    /// The same, for a process that has more to do than to turn its loop: it is silent while `isAlive` denies.
    package func run(if isAlive: () -> Bool) async throws {
        var hasFailed = false
        while true {
            if isAlive() {
                do throws(Errno) {
                    try await manager.tell(["WATCHDOG": "1"])
                    hasFailed = false
                } catch {
                    if !hasFailed { log.warning("systemd cannot be told of life", ["reason": "\(error)"]) }
                    hasFailed = true
                }
            }
            try await timekeeper.sleep(for: patience / 2)
        }
    }
}
