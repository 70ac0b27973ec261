import LinuxIO
import NodeTesting
import Testing

@testable import NodeCore

@Suite("SignsOfLife", .timeLimit(.minutes(5))) struct SignsOfLifeTests {
    @Test("it tells of life twice as often as it has to") func signs() async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let clock = HandClock()
            let socket = try NotifySocket(scratch.file("notify"), on: loop)
            let manager = ServiceManager(
                variables: ["NOTIFY_SOCKET": scratch.file("notify"), "WATCHDOG_USEC": "30000000"])
            let signs = try #require(SignsOfLife(manager, timekeeper: clock, log: .silent))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await signs.run() }
                for _ in 1...4 {
                    await clock.sleepers(1)
                    let told = try socket.waiting()
                    #expect(told == "WATCHDOG=1")
                    clock.advance(by: .seconds(14))
                    let early = try socket.waiting()
                    #expect(early == nil)
                    clock.advance(by: .seconds(1))
                }
                group.cancelAll()
            }
        }
    }

    @Test("the child of a watched daemon is not watched itself") func child() {
        let variables = ["NOTIFY_SOCKET": "/run/systemd/notify", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]
        #expect(SignsOfLife(ServiceManager(variables: variables), timekeeper: HandClock(), log: .silent) == nil)
    }
}
