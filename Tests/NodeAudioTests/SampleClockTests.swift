import NodeMedia
import Testing

@testable import NodeAudio

@Suite("Sample clock")
struct SampleClockTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func off(_ clock: SampleClock, frame: Int64, rate: Int) -> Double {
        let truth = start + .nanoseconds(frame * 1_000_000_000 / Int64(rate))
        return (clock.time(of: frame).map { truth.duration(to: $0) } ?? .seconds(99)) / .milliseconds(1)
    }

    @Test("looks that are late or early by chance do not move it by more than a little") func jitter() {
        var clock = SampleClock(rate: 48_000)
        var worst = 0.0
        for look in 0..<500 {
            let frame = Int64(look * 960)
            let chance = Duration.milliseconds(look == 0 ? 0 : (look * 7_919 % 11) - 5)
            clock.saw(frame, at: start + .milliseconds(look * 20) + chance)
            worst = max(worst, abs(off(clock, frame: frame, rate: 48_000)))
        }
        #expect(worst < 2)
    }

    @Test("a device whose second is longer than ours is followed") func drift() {
        var clock = SampleClock(rate: 16_000)
        // A thousandth slower, for a minute: 60 ms in all.
        for look in 0..<120 {
            clock.saw(Int64(look * 8_000), at: start + .microseconds(look * 500_500))
        }
        let truth = start + .microseconds(119 * 500_500)
        let time = clock.time(of: 119 * 8_000) ?? start
        #expect(abs(truth.duration(to: time) / .milliseconds(1)) < 6)
    }

    @Test("what was lost is jumped over at once, and before the first look nothing is known") func jump() {
        var clock = SampleClock(rate: 16_000)
        #expect(clock.time(of: 0) == nil)
        clock.saw(0, at: start)
        clock.saw(16_000, at: start + .seconds(4))
        #expect(clock.time(of: 16_000) == start + .seconds(4))
    }
}
