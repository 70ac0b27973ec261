import NodeMedia
import Testing

@testable import ClipChannel

@Suite struct RingLayoutTests {
    private static func plan(_ width: Int, _ height: Int, _ format: PixelFormat = .yuv420) -> ClipPlan {
        let video = ClipPlan.Video(format: format, width: width, height: height, framesPerSecond: 30)
        return ClipPlan(
            .mp4, video: video, sound: SoundFormat(sampleRate: 48_000, channels: 2), duration: .seconds(1), limit: 1)
    }

    @Test("raw frames have as many slots as a small board can spare, and never fewer than three")
    func slots() throws {
        #expect(try #require(RingLayout(Self.plan(640, 480))).frameSlots == 8)
        #expect(try #require(RingLayout(Self.plan(1_280, 720))).frameSlots == 8)
        #expect(try #require(RingLayout(Self.plan(1_920, 1_080))).frameSlots == 4)
        #expect(try #require(RingLayout(Self.plan(3_840, 2_160))).frameSlots == 3)
    }

    @Test("no slot reaches into another, each is aligned, and a decoder may read a little behind its end")
    func apart() throws {
        let layout = try #require(RingLayout(Self.plan(641, 479, .mjpeg)))
        let ranges =
            (0..<layout.frameSlots).map { layout.frame($0) } + (0..<layout.soundSlots).map { layout.sound($0) }
        for (range, next) in zip(ranges, ranges.dropFirst()) { #expect(range.upperBound <= next.lowerBound) }
        #expect(ranges.allSatisfy { $0.lowerBound % 4_096 == 0 })
        #expect(try #require(ranges.last).upperBound <= layout.size)
        #expect(layout.frame(0).count == layout.frameSize + 64)
    }

    @Test("slots and lengths that there are not are nowhere")
    func outside() throws {
        let layout = try #require(RingLayout(Self.plan(64, 64)))
        #expect(layout.frame(0, bytes: 6_144) == 0..<6_144)
        #expect(layout.frame(0, bytes: 6_145) == nil)
        #expect(layout.frame(0, bytes: 0) == nil)
        #expect(layout.frame(-1, bytes: 1) == nil)
        #expect(layout.frame(8, bytes: 1) == nil)
        #expect(layout.sound(15, samples: 1) == nil)
        #expect(layout.sound(0, samples: 19_201) == nil)
        #expect(layout.sound(14, samples: 19_200)?.upperBound ?? .max <= layout.size)
    }

    @Test("what no camera and no microphone has is not planned for")
    func impossible() {
        for (width, height) in [(0, 480), (640, -1), (20_000, 480), (.max, .max)] {
            #expect(RingLayout(Self.plan(width, height)) == nil)
        }
        for (rate, channels) in [(48_000, 0), (48_000, 9), (0, 2), (.max, 1)] {
            let sound = SoundFormat(sampleRate: rate, channels: channels)
            #expect(RingLayout(ClipPlan(.wav, sound: sound, duration: .seconds(1), limit: 1)) == nil)
        }
        for rate in [0, -1, .nan, .infinity] {
            let video = ClipPlan.Video(format: .yuv420, width: 64, height: 64, framesPerSecond: rate)
            #expect(RingLayout(ClipPlan(.mp4, video: video, duration: .seconds(1), limit: 1)) == nil)
        }
        let sound = SoundFormat(sampleRate: 16_000, channels: 1)
        for (seconds, limit) in [(-1, 1), (1_000_000, 1), (1, -1), (1, .max)] {
            #expect(RingLayout(ClipPlan(.wav, sound: sound, duration: .seconds(seconds), limit: limit)) == nil)
        }
        #expect(RingLayout(ClipPlan(.wav, duration: .seconds(1), limit: 1)) == nil)
    }
}
