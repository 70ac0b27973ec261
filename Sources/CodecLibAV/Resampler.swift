import CLibAV
import NodeMedia

/// libswresample: samples of one kind in, of another out. What has not been taken waits in it.
final class Resampler {
    private let context: OpaquePointer
    private let fifo: OpaquePointer
    private let source: SoundFormat
    private let target: SoundFormat
    private let format: AVSampleFormat
    private var layout = AVChannelLayout()
    /// Samples that have come out, taken or not.
    private var produced = 0

    /// `isElastic`: whether it can be stretched where the rates are the same.
    init(
        from source: SoundFormat, to target: SoundFormat, _ format: AVSampleFormat, isElastic: Bool
    ) throws(ClipError) {
        self.source = source
        self.target = target
        self.format = format
        var inLayout = AVChannelLayout()
        av_channel_layout_default(&inLayout, CInt(source.channels))
        av_channel_layout_default(&layout, CInt(target.channels))
        fifo = try given(av_audio_fifo_alloc(format, CInt(target.channels), CInt(target.sampleRate / 2)))
        var made: OpaquePointer?
        let code = swr_alloc_set_opts2(
            &made, &layout, format, CInt(target.sampleRate), &inLayout, AV_SAMPLE_FMT_S16, CInt(source.sampleRate),
            0, nil)
        context = try given(made)
        try lav("resampling", code)
        if isElastic { av_opt_set_int(UnsafeMutableRawPointer(context), "flags", Int64(SWR_FLAG_RESAMPLE), 0) }
        try lav("resampling", swr_init(context))
    }

    deinit {
        var context: OpaquePointer? = context
        swr_free(&context)
        av_audio_fifo_free(fifo)
    }

    /// Seconds of sound that have come out or are sure to.
    var end: Double {
        Double(Int64(produced) + swr_get_delay(context, Int64(target.sampleRate))) / Double(target.sampleRate)
    }

    /// Samples that can be taken.
    var available: Int { Int(av_audio_fifo_size(fifo)) }

    /// From now on each second has so many samples more, or less.
    func stretch(perSecond: Int) throws(ClipError) {
        try lav("stretching", swr_set_compensation(context, CInt(perSecond), CInt(target.sampleRate)))
    }

    func putSilence(seconds: Double) throws(ClipError) {
        try lav("filling", swr_inject_silence(context, CInt(seconds * Double(source.sampleRate))))
    }

    func put(_ samples: UnsafeBufferPointer<Int16>, _ count: Int) throws(ClipError) {
        var planes = [UnsafeRawPointer(samples.baseAddress)?.assumingMemoryBound(to: UInt8.self)]
        try convert(count) { frame, room in swr_convert(context, frame, room, &planes, CInt(count)) }
    }

    /// Nothing more is put in: what it has kept for that comes out.
    func flush() throws(ClipError) {
        try convert(0) { frame, room in swr_convert(context, frame, room, nil, 0) }
    }

    private func convert(
        _ count: Int, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, CInt) -> CInt
    ) throws(ClipError) {
        let room = swr_get_out_samples(context, CInt(count))
        guard room > 0 else { return }
        let frame = try makeFrame(samples: Int(room))
        let made = try lav("resampling", body(frame.raw.pointee.extended_data, room))
        produced += Int(made)
        try lav("sound", av_audio_fifo_write(fifo, Self.planes(of: frame), made))
    }

    /// The next samples, at most `count`.
    func take(_ count: Int) throws(ClipError) -> Frame {
        let frame = try makeFrame(samples: count)
        frame.raw.pointee.nb_samples = try lav("sound", av_audio_fifo_read(fifo, Self.planes(of: frame), CInt(count)))
        return frame
    }

    private func makeFrame(samples: Int) throws(ClipError) -> Frame {
        let frame = try Frame()
        frame.raw.pointee.nb_samples = CInt(samples)
        frame.raw.pointee.format = format.rawValue
        frame.raw.pointee.sample_rate = CInt(target.sampleRate)
        try lav("sound", av_channel_layout_copy(&frame.raw.pointee.ch_layout, &layout))
        try lav("sound", av_frame_get_buffer(frame.raw, 0))
        return frame
    }

    private static func planes(of frame: Frame) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        UnsafeMutableRawPointer(frame.raw.pointee.extended_data).assumingMemoryBound(
            to: UnsafeMutableRawPointer?.self)
    }
}
