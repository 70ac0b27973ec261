import CLibAV
import LinuxIO
import NodeMedia

/// Brings samples to the rate, the channels and the codec that a file has.
final class SoundEncoder {
    let codec: Codec
    let stored: SoundFormat
    private let source: SoundFormat
    private let resampler: Resampler
    private var clock: SoundClock?
    private var samplesOut = 0
    private var startedAt: Int64?
    /// Of each channel, to be left out of what comes.
    private var surplus = 0

    /// `follows`: whether it is kept to the clock of its times.
    init(_ plan: ClipPlan, _ source: SoundFormat, bitRate: Int, follows: Bool) throws(ClipError) {
        let container = plan.container
        self.source = source
        stored = container.storable(plan.storedSound ?? source)
        let name = container.soundEncoder
        guard let found = avcodec_find_encoder_by_name(name) else {
            throw .unencodable("this system's libavcodec has no \(name)")
        }
        codec = try Codec(found)
        let context = codec.raw
        context.pointee.sample_rate = CInt(stored.sampleRate)
        av_channel_layout_default(&context.pointee.ch_layout, CInt(stored.channels))
        context.pointee.sample_fmt = container.sampleFormat
        context.pointee.bit_rate = Int64(bitRate)
        context.pointee.time_base = AVRational(num: 1, den: CInt(stored.sampleRate))
        if container.wantsGlobalHeader { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        try codec.open()
        resampler = try Resampler(from: source, to: stored, container.sampleFormat, isElastic: follows)
        clock = follows ? SoundClock(sampleRate: stored.sampleRate) : nil
    }

    /// The time of the first sample, in nanoseconds.
    var start: Int64? { startedAt }
    /// In nanoseconds.
    var length: Int64 { Int64(samplesOut) * 1_000_000_000 / Int64(stored.sampleRate) }

    /// `samples` are of all channels.
    func add(
        _ samples: UnsafeBufferPointer<Int16>, at time: Int64, _ take: (Packet) throws(ClipError) -> Void
    ) throws(ClipError) {
        let count = samples.count / source.channels
        guard count > 0 else { return }
        let start = startedAt ?? time
        startedAt = start
        // While something is left out it is known how far apart they are.
        if surplus == 0, var clock {
            let due = Double(time - start) / 1e9
            let seconds = Double(count) / Double(source.sampleRate)
            let correction = clock.correction(due: due, end: resampler.end, seconds: seconds)
            self.clock = clock
            switch correction {
            case .stretch(let perSecond): try resampler.stretch(perSecond: perSecond)
            case .silence(let seconds): try resampler.putSilence(seconds: seconds)
            case .drop(let seconds): surplus = Int(seconds * Double(source.sampleRate))
            }
        }
        let dropped = min(surplus, count)
        surplus -= dropped
        guard dropped < count else { return }
        try resampler.put(UnsafeBufferPointer(rebasing: samples[(dropped * source.channels)...]), count - dropped)
        try drain(least: frameSize, take)
    }

    func finish(_ take: (Packet) throws(ClipError) -> Void) throws(ClipError) {
        guard startedAt != nil else { return }
        try resampler.flush()
        try drain(least: frameSize, take)
        try drain(least: 1, take)
        try codec.encode(nil, take)
    }

    /// Samples in a frame; codecs that take any number get a tenth of a second.
    private var frameSize: Int {
        let size = Int(codec.raw.pointee.frame_size)
        return size > 0 ? size : stored.sampleRate / 10
    }

    private func drain(least: Int, _ take: (Packet) throws(ClipError) -> Void) throws(ClipError) {
        while resampler.available >= least {
            let frame = try resampler.take(frameSize)
            frame.raw.pointee.pts = Int64(samplesOut)
            samplesOut += Int(frame.raw.pointee.nb_samples)
            try codec.encode(frame, take)
        }
    }
}

extension ClipPlan.Container {
    fileprivate var soundEncoder: String {
        switch self {
        case .mp4, .m4a: "aac"
        case .ogg: "libopus"
        case .flac: "flac"
        case .wav: "pcm_s16le"
        }
    }

    fileprivate var sampleFormat: AVSampleFormat {
        switch self {
        case .mp4, .m4a: AV_SAMPLE_FMT_FLTP
        case .ogg, .flac, .wav: AV_SAMPLE_FMT_S16
        }
    }

    /// As libavformat calls the container.
    var muxer: String {
        switch self {
        case .mp4: "mp4"
        case .m4a: "ipod"
        case .ogg: "ogg"
        case .flac: "flac"
        case .wav: "wav"
        }
    }

    /// Whether what a decoder has to know stands in the container's head.
    var wantsGlobalHeader: Bool { self == .mp4 || self == .m4a }
}
