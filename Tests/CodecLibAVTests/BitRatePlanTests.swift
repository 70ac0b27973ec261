import NodeMedia
import Testing

@testable import CodecLibAV

@Suite struct BitRatePlanTests {
    private static func plan(
        _ container: ClipPlan.Container = .mp4, width: Int = 1_280, height: Int = 720, rate: Double = 30,
        sound: SoundFormat? = SoundFormat(sampleRate: 48_000, channels: 2), seconds: Int, limit: Int = 16 << 20
    ) -> ClipPlan {
        let video =
            container == .mp4
            ? ClipPlan.Video(format: .yuv420, width: width, height: height, framesPerSecond: rate) : nil
        return ClipPlan(container, video: video, sound: sound, duration: .seconds(seconds), limit: limit)
    }

    @Test("a short clip gets what makes its pictures good, and may have twice that for a moment")
    func short() {
        let plan = BitRatePlan(Self.plan(seconds: 3))
        #expect(plan.video == 2_764_800)
        #expect(plan.videoPeak == 2 * 2_764_800)
        #expect(plan.sound == 128_000)
    }

    @Test("whatever is asked for, all that may be sent in the time fits", arguments: [1, 3, 10, 60])
    func fits(seconds: Int) {
        for limit in [1 << 20, 4 << 20, 16 << 20] {
            for (width, height) in [(640, 480), (1_280, 720), (1_920, 1_080), (3_840, 2_160)] {
                let plan = BitRatePlan(Self.plan(width: width, height: height, seconds: seconds, limit: limit))
                let most = plan.videoPeak * (seconds + 1) + plan.buffer + plan.sound * (seconds + 1)
                #expect(most / 8 <= limit, "\(width)×\(height), \(seconds) s, \(limit)")
                #expect(plan.video <= plan.videoPeak)
            }
        }
    }

    @Test("sound alone gets what its codec needs, or what there is room for")
    func soundAlone() {
        let speech = SoundFormat(sampleRate: 16_000, channels: 1)
        #expect(BitRatePlan(Self.plan(.ogg, sound: speech, seconds: 5)).sound == 32_000)
        #expect(BitRatePlan(Self.plan(.m4a, seconds: 60)).sound == 128_000)
        let small = BitRatePlan(Self.plan(.m4a, seconds: 60, limit: 500_000))
        #expect(small.sound * 61 / 8 < 500_000)
        #expect(small.video == 0)
    }

    @Test("no limit is so small that a codec would refuse the rate")
    func tiny() {
        let plan = BitRatePlan(Self.plan(seconds: 60, limit: 10_000))
        #expect(plan.video == 16_000)
        #expect(plan.sound == 16_000)
    }
}
