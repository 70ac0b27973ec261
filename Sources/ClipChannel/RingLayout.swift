import NodeMedia

/// How the memory that frames and samples go through is divided into slots. Both processes work it out from the plan.
package struct RingLayout: Equatable, Sendable {
    // Beyond what any camera has and anybody wants; with them no product overflows.
    private static let sides = 16...16_384
    private static let rates = 0.1...1_000
    private static let longest = Duration.seconds(86_400)
    private static let largest = 1 << 32
    /// Unless slots must be larger for a single frame: what one clip may have waiting.
    private static let frameBytes = 12 << 20
    /// libav's decoders may read so far behind a frame's end.
    private static let padding = 64

    package let frameSlots: Int
    /// In bytes, the longest frame.
    package let frameSize: Int
    package let soundSlots: Int
    /// In samples, those of all channels.
    package let soundSamples: Int

    /// Nil for what cannot be planned for.
    package init?(_ plan: ClipPlan) {
        guard (.zero...Self.longest).contains(plan.duration), (0...Self.largest).contains(plan.limit) else {
            return nil
        }
        if let video = plan.video {
            guard Self.sides.contains(video.width), Self.sides.contains(video.height),
                Self.rates.contains(video.framesPerSecond)
            else { return nil }
            let raw = Image.yuv420Size(width: video.width, height: video.height)
            // What is compressed is mostly a tenth of that, and never more except for noise in small pictures. What is not
            // touched takes no memory.
            frameSize = video.format == .yuv420 ? raw : max(raw, 64 << 10)
            switch video.format {
            case .yuv420: frameSlots = min(8, max(3, Self.frameBytes / raw))
            // Put into the file as they are, and each that is lost takes those that refer to it along.
            case .h264: frameSlots = 16
            // What waits at the end has still to be encoded then: a quarter of a second.
            default: frameSlots = 8
            }
        } else {
            frameSize = 0
            frameSlots = 0
        }
        if let sound = plan.sound {
            guard (1...8).contains(sound.channels), (4_000...384_000).contains(sound.sampleRate) else { return nil }
            // A fifth of a second each, three seconds in all.
            soundSamples = sound.sampleRate / 5 * sound.channels
            soundSlots = 15
        } else {
            soundSamples = 0
            soundSlots = 0
        }
        guard frameSlots + soundSlots > 0 else { return nil }
    }

    package var size: Int { frameSlots * frameStride + soundSlots * soundStride }

    /// Where a slot is, with what a decoder may read behind a frame.
    func frame(_ slot: Int) -> Range<Int> {
        let start = slot * frameStride
        return start..<start + frameSize + Self.padding
    }

    func sound(_ slot: Int) -> Range<Int> {
        let start = frameSlots * frameStride + slot * soundStride
        return start..<start + soundSamples * 2
    }

    /// Where what was put in is; nil for what cannot have been.
    package func frame(_ slot: Int, bytes: Int) -> Range<Int>? {
        guard (0..<frameSlots).contains(slot), (1...frameSize).contains(bytes) else { return nil }
        return frame(slot).lowerBound..<frame(slot).lowerBound + bytes
    }

    package func sound(_ slot: Int, samples: Int) -> Range<Int>? {
        guard (0..<soundSlots).contains(slot), (1...soundSamples).contains(samples) else { return nil }
        return sound(slot).lowerBound..<sound(slot).lowerBound + samples * 2
    }

    /// Whole pages.
    private var frameStride: Int { (frameSize + Self.padding + 4_095) & ~4_095 }
    private var soundStride: Int { (soundSamples * 2 + 4_095) & ~4_095 }
}
