import LinuxIO
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct WakeBellTests {
    @Test("what rang before anybody listened is heard, in its order, until it is settled")
    func order() async throws {
        let bell = WakeBell()
        bell.ring(.resumed)
        bell.ring(.network(.much))
        let first = try await bell.next(after: 0)
        #expect(first.wake == .resumed)
        let second = try await bell.next(after: first.number)
        #expect(second.wake == .network(.much))
        bell.settle(upTo: bell.latest)
        async let next = bell.next(after: 0)
        await Task.yield()
        bell.ring(.network(.route(index: nil)))
        #expect(try await next.wake == .network(.route(index: nil)))
    }

    @Test("clocks that are kept in step, as NTP does it, do not ring")
    func moments() {
        let bell = WakeBell()
        bell.ring(.clocks(ClockJump(set: .milliseconds(300))))
        bell.ring(.clocks(ClockJump(slept: .milliseconds(1), set: .seconds(-59))))
        #expect(bell.latest == 0)
        bell.ring(.clocks(ClockJump(set: .seconds(-1_700_000_000))))
        bell.ring(.clocks(ClockJump(slept: .seconds(2))))
        #expect(bell.latest == 2)
    }

    @Test("of very many the last ones are kept")
    func many() async throws {
        let bell = WakeBell()
        for index in 0..<1_000 { bell.ring(.network(.link(index: UInt32(index)))) }
        #expect(try await bell.next(after: 0).number > 900)
        #expect(try await bell.next(after: 999).wake == .network(.link(index: 999)))
    }

    @Test("whoever waits and is cancelled waits no longer")
    func cancelled() async {
        let bell = WakeBell()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { _ = try await bell.next(after: 0) } catch { return error is CancellationError }
                return false
            }
            await Task.yield()
            group.cancelAll()
            #expect(await group.next() == true)
        }
    }
}
