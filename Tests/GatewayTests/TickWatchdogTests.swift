import Testing

@testable import Gateway

@Suite struct TickWatchdogTests {
    @Test("two ticks' silence is too much, any less is not")
    func silence() {
        let start = ContinuousClock.now
        let watchdog = TickWatchdog(interval: .seconds(30), now: start)
        #expect(watchdog.nextLook(at: start) == start + .seconds(60))
        #expect(watchdog.nextLook(at: start + .milliseconds(59_999)) == start + .seconds(60))
        #expect(watchdog.nextLook(at: start + .seconds(60)) == nil)
        #expect(watchdog.nextLook(at: start + .seconds(86_400)) == nil)
    }

    @Test("what a gateway calls a tick cannot make a moment a silence", arguments: [1, 499])
    func hasty(milliseconds: Int) {
        let start = ContinuousClock.now
        let watchdog = TickWatchdog(interval: .milliseconds(milliseconds), now: start)
        #expect(watchdog.nextLook(at: start + .milliseconds(999)) == start + .seconds(1))
        #expect(watchdog.nextLook(at: start + .seconds(1)) == nil)
    }

    @Test("a message that is still coming in is no silence, one that has stopped coming is")
    func underWay() {
        let start = ContinuousClock.now
        var watchdog = TickWatchdog(interval: .seconds(30), now: start)
        watchdog.progressed(to: 1 << 20, at: start + .seconds(60))
        #expect(watchdog.nextLook(at: start + .seconds(60)) == start + .seconds(120))
        watchdog.progressed(to: 1 << 20, at: start + .seconds(120))
        #expect(watchdog.nextLook(at: start + .seconds(120)) == nil)
        watchdog.progressed(to: 0, at: start + .seconds(120))
        #expect(watchdog.nextLook(at: start + .seconds(120)) == nil)
    }

    @Test("whatever is heard starts the wait anew")
    func heard() {
        let start = ContinuousClock.now
        var watchdog = TickWatchdog(interval: .seconds(15), now: start)
        watchdog.heard(at: start + .seconds(29))
        #expect(watchdog.nextLook(at: start + .seconds(30)) == start + .seconds(59))
        #expect(watchdog.nextLook(at: start + .seconds(59)) == nil)
    }
}
