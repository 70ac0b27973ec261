import DBus
import Gateway
import LinuxIO
import NodeCore

/// Rings for the link when the network comes back, the machine has slept or its clock was set. What cannot be watched here is
/// left out: the link asks again by itself, only later.
struct WakeWatch: Service {
    private let bell: WakeBell
    private let sleep: SleepWatch
    private let loop: EventLoop
    private let log: Log

    init(_ bell: WakeBell, variables: [String: String], loop: EventLoop, log: Log) {
        self.bell = bell
        self.loop = loop
        self.log = log
        let address = Result { () throws(BusError) in try BusAddress.system(variables: variables) }
        sleep = SleepWatch(address: address, loop: loop, log: log)
    }

    /// Runs until cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await watched("network") { try await NetworkWatch(on: loop).run { bell.ring(.network($0)) } }
            }
            group.addTask {
                try await watched("clock") { try await ClockWatch(on: loop).run { bell.ring(.clocks($0)) } }
            }
            group.addTask { try await watched("sleep") { try await sleep.run { bell.ring(.resumed) } } }
            try await group.waitForAll()
        }
        // Each of the three is refused here.
        try await OneShot().fired()
    }

    /// Throws `CancellationError` only.
    private func watched(_ what: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch let error where !(error is CancellationError) {
            try Task.checkCancellation()
            log.warning("The machine's \(what) is not watched", ["reason": "\(error)"])
        }
    }
}
