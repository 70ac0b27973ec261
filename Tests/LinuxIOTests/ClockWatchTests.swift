import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct ClockWatchTests {
    private let reading = ClockReading(real: .seconds(1_000), boot: .seconds(100), monotonic: .seconds(90))

    @Test("a machine that slept is told from one whose time of day was set")
    func jumps() {
        var later = reading
        later.real += .seconds(60)
        later.boot += .seconds(60)
        later.monotonic += .seconds(60)
        #expect(later.jump(since: reading) == ClockJump())

        var slept = later
        slept.real += .seconds(3_600)
        slept.boot += .seconds(3_600)
        #expect(slept.jump(since: reading) == ClockJump(slept: .seconds(3_600)))

        var set = later
        set.real -= .seconds(86_400)
        #expect(set.jump(since: reading) == ClockJump(set: .seconds(-86_400)))
    }

    @Test("the kernel's clocks run in step while nothing happens to them, and nothing is told")
    func quiet() async throws {
        let earlier = ClockReading.now()
        let jump = ClockReading.now().jump(since: earlier)
        // The three are read one after the other.
        #expect(jump.slept < .seconds(1) && jump.slept > .seconds(-1))
        let isQuiet = try await onEventLoop { loop in
            let watch = try ClockWatch(on: loop)
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await watch.run { _ in Issue.record("nobody has set the clock") } } catch {
                        return error is CancellationError
                    }
                }
                await Task.yield()
                group.cancelAll()
                return await group.next() ?? false
            }
        }
        #expect(isQuiet)
    }
}
