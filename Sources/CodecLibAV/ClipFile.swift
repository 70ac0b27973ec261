import CLibAV
import ClipChannel
import LinuxIO
import NodeMedia

/// One file, from the first frame or sample to the last: decoding, encoding and writing.
final class ClipFile {
    private let plan: ClipPlan
    private let rates: BitRatePlan
    private let muxer: Muxer
    private let pictures: PictureSource?
    private let video: VideoEncoder?
    private let sound: SoundEncoder?

    private var videoStart: Int64?
    private var videoEnd: Int64 = 0
    private var lastTime: Int64?
    private var frames = 0
    private var unreadable = 0
    private var lastNumber = 0
    /// In a stream that is put in as it is: whether what comes can be decoded.
    private var isIntact = false

    /// The name of the encoder for pictures; empty without.
    let encoder: String

    init(_ order: EncoderMessage.Order) throws(ClipError) {
        av_log_set_level(AV_LOG_QUIET)
        plan = order.plan
        rates = BitRatePlan(plan)
        var expected: Set<Muxer.Kind> = []
        var turn = Orientation.upright
        if let video = plan.video {
            guard plan.container == .mp4 else { throw .unencodable("\(plan.container) holds sound only") }
            expected.insert(.video)
            if video.format == .h264 {
                turn = video.orientation
                pictures = nil
                self.video = nil
            } else {
                let pictures = try PictureSource(video)
                let shape = VideoEncoder.Shape(
                    width: pictures.width, height: pictures.height, framesPerSecond: video.framesPerSecond)
                self.pictures = pictures
                self.video = try VideoEncoder.first(
                    shape, rates, known: order.encoder, avoidingHardware: order.avoidsHardware)
            }
        } else {
            pictures = nil
            video = nil
        }
        if let format = plan.sound {
            expected.insert(.sound)
            sound = try SoundEncoder(plan, format, bitRate: rates.sound, follows: plan.video != nil)
        } else {
            sound = nil
        }
        encoder = video?.name ?? ""
        muxer = try Muxer(plan, expected, turn: turn)
    }

    // MARK: Frames

    func add(_ lease: RingLease, number: Int, at time: MonotonicTime) throws(ClipError) {
        let isNext = number == lastNumber + 1
        lastNumber = number
        let start = videoStart ?? time.nanoseconds
        var ticks = av_rescale(time.nanoseconds - start, Int64(VideoEncoder.timeBase.den), 1_000_000_000)
        // A clock that stands still, or goes back, makes no frame that could be shown. To one of a camera that encodes those after it
        // refer: it is there for a moment.
        if let lastTime, ticks <= lastTime {
            guard video == nil else { return }
            ticks = lastTime + 1
        }
        guard let video, let pictures else { return try pass(lease, isNext: isNext, at: ticks, start) }
        guard let picture = try pictures.picture(lease) else {
            unreadable += 1
            return
        }
        noteFrame(ticks, start)
        let muxer = muxer
        try video.encode(picture, at: ticks) { packet throws(ClipError) in
            try Self.put(packet, video, muxer, start, period)
        }
    }

    private func noteFrame(_ ticks: Int64, _ start: Int64) {
        videoStart = start
        lastTime = ticks
        frames += 1
        videoEnd = start + av_rescale(ticks + period, 1_000_000_000, Int64(VideoEncoder.timeBase.den))
    }

    /// How long the last frame is shown: as long as one usually is.
    private var period: Int64 {
        Int64(Double(VideoEncoder.timeBase.den) / max(1, plan.video?.framesPerSecond ?? 1))
    }

    private static func put(
        _ packet: Packet, _ video: VideoEncoder, _ muxer: Muxer, _ start: Int64, _ period: Int64
    ) throws(ClipError) {
        packet.raw.pointee.duration = period
        if !muxer.has(.video) {
            let context = video.codec.raw
            let bytes = UnsafeRawBufferPointer(start: packet.raw.pointee.data, count: Int(packet.raw.pointee.size))
            try muxer.begin(.video, at: start, VideoEncoder.timeBase) { parameters throws(ClipError) in
                try lav("a track", avcodec_parameters_from_context(parameters, context))
                // Hardware says it with the first frame.
                if parameters.pointee.extradata_size == 0 { try describe(parameters, by: AnnexB(bytes)) }
            }
        }
        try muxer.add(packet, to: .video)
    }

    private static func describe(
        _ parameters: UnsafeMutablePointer<AVCodecParameters>, by stream: AnnexB
    ) throws(ClipError) {
        let sets = stream.parameterSets
        let memory = try given(av_mallocz(sets.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
        memory.copyMemory(from: sets, byteCount: sets.count)
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = CInt(sets.count)
    }

    /// A frame of a camera that encodes goes into the file as it is, from the first one on that can be decoded alone.
    private func pass(_ lease: RingLease, isNext: Bool, at ticks: Int64, _ start: Int64) throws(ClipError) {
        let stream = AnnexB(UnsafeRawBufferPointer(lease.bytes))
        // What follows a frame that was lost is a smear.
        if !isNext { isIntact = false }
        if stream.isKeyFrame, muxer.has(.video) || stream.hasSequenceSet && stream.hasPictureSet { isIntact = true }
        guard isIntact else {
            unreadable += 1
            return
        }
        let packet = try Packet()
        try lav("a frame", av_new_packet(packet.raw, CInt(lease.bytes.count)))
        UnsafeMutableRawBufferPointer(start: packet.raw.pointee.data, count: lease.bytes.count).copyMemory(
            from: UnsafeRawBufferPointer(lease.bytes))
        packet.raw.pointee.pts = ticks
        packet.raw.pointee.dts = ticks
        packet.raw.pointee.duration = period
        if stream.isKeyFrame { packet.raw.pointee.flags |= AV_PKT_FLAG_KEY }
        if !muxer.has(.video), let video = plan.video {
            try muxer.begin(.video, at: start, VideoEncoder.timeBase) { parameters throws(ClipError) in
                parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
                parameters.pointee.codec_id = AV_CODEC_ID_H264
                parameters.pointee.width = CInt(video.width)
                parameters.pointee.height = CInt(video.height)
                try Self.describe(parameters, by: stream)
            }
        }
        noteFrame(ticks, start)
        try muxer.add(packet, to: .video)
    }

    // MARK: Sound

    func add(_ lease: RingLease, soundAt time: MonotonicTime) throws(ClipError) {
        guard let sound else { return }
        let muxer = muxer
        try sound.add(UnsafeBufferPointer(lease.bytes.bindMemory(to: Int16.self)), at: time.nanoseconds) {
            packet throws(ClipError) in try Self.put(packet, sound, muxer)
        }
    }

    private static func put(_ packet: Packet, _ sound: SoundEncoder, _ muxer: Muxer) throws(ClipError) {
        if !muxer.has(.sound) {
            let context = sound.codec.raw
            try muxer.begin(.sound, at: sound.start ?? 0, context.pointee.time_base) { parameters throws(ClipError) in
                try lav("a track", avcodec_parameters_from_context(parameters, context))
            }
        }
        try muxer.add(packet, to: .sound)
    }

    // MARK: The end

    /// Everything that came is in the file; `sign` is called now and then.
    func finish(_ sign: () -> Void) throws(ClipError) -> (MemoryFile, EncoderMessage.Outcome) {
        let (muxer, period) = (muxer, period)
        if let video, let start = videoStart {
            try video.finish { packet throws(ClipError) in
                sign()
                try Self.put(packet, video, muxer, start, period)
            }
        }
        if let sound {
            try sound.finish { packet throws(ClipError) in try Self.put(packet, sound, muxer) }
        }
        // Sound alone is no clip of a camera.
        guard frames > 0 || plan.video == nil, let (file, origin) = try muxer.finish() else {
            throw .unencodable(unreadable > 0 ? "none of \(unreadable) frames could be decoded" : "nothing came")
        }
        let soundEnd = sound.flatMap { sound in sound.start.map { $0 + sound.length } } ?? 0
        let outcome = EncoderMessage.Outcome(
            duration: .nanoseconds(max(frames > 0 ? videoEnd : 0, soundEnd) - origin), frames: frames,
            unreadable: unreadable, hasSound: muxer.has(.sound))
        return (file, outcome)
    }
}
