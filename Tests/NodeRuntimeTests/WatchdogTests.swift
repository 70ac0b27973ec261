import Gateway
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct WatchdogTests {
    static let condition = Condition(id: "gateway-unreachable", severity: .warning, summary: "no gateway")

    /// How many of ten looks, half a minute apart and the first at once, told of life, when `event` is all that the link has done.
    func signs(after event: LinkEvent?) async throws -> Int {
        let scratch = try ScratchFolder()
        return try await onEventLoop { loop in
            let clock = HandClock()
            let socket = try NotifySocket(scratch.file("notify"), on: loop)
            let manager = ServiceManager(
                variables: ["NOTIFY_SOCKET": scratch.file("notify"), "WATCHDOG_USEC": "60000000"])
            let watchdog = try #require(Watchdog(manager, timekeeper: clock, log: .silent))
            if let event { watchdog.heed(event) }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watchdog.run() }
                var signs = 0
                for _ in 1...10 {
                    await clock.sleepers(1)
                    if try socket.waiting() == "WATCHDOG=1" { signs += 1 }
                    clock.advance(by: .seconds(30))
                }
                group.cancelAll()
                return signs
            }
        }
    }

    @Test("what waits for nothing in particular lives") func idle() async throws {
        #expect(try await signs(after: nil) == 10)
    }

    @Test("a tick is good for two intervals and a minute", arguments: [(15, 3), (30, 4), (60, 6)])
    func ticks(seconds: Int, signs: Int) async throws {
        #expect(try await self.signs(after: .ticked(.seconds(seconds))) == signs)
    }

    @Test("an announced wait may last") func waiting() async throws {
        #expect(try await signs(after: .waiting(Self.condition, isApproval: false, retryIn: .seconds(375))) == 10)
        #expect(try await signs(after: .waiting(Self.condition, isApproval: false, retryIn: .seconds(30))) == 3)
    }

    @Test("an attempt that never ends is a link that hangs") func connecting() async throws {
        #expect(try await signs(after: .connecting) == 3)
    }

    @Test("where nobody watches, nobody is told") func unwatched() {
        let manager = ServiceManager(variables: ["NOTIFY_SOCKET": "/run/systemd/notify"])
        #expect(Watchdog(manager, timekeeper: HandClock(), log: .silent) == nil)
        #expect(Watchdog(nil, timekeeper: HandClock(), log: .silent) == nil)
    }
}
