import CLibAV
import LinuxIO
import NodeMedia

/// A container in a memfd. Begun when it is known what is in it: each track's first packet has come, or will not.
final class Muxer {
    enum Kind: Int {
        case video, sound
    }

    private struct Track {
        let parameters: UnsafeMutablePointer<AVCodecParameters>
        let timeBase: AVRational
        /// Of its first frame or sample, in nanoseconds.
        let start: Int64
        var waiting: [Packet] = []
        var stream: UnsafeMutablePointer<AVStream>?
    }

    private let context: UnsafeMutablePointer<AVFormatContext>
    private let file: MemoryFile
    private let limit: Int
    private let turn: Orientation
    private var expected: Set<Kind>
    private var tracks: [Kind: Track] = [:]
    private var origin: Int64?
    private var bytes = 0

    /// `turn` is told to the player; frames that can still be turned have been.
    init(_ plan: ClipPlan, _ expected: Set<Kind>, turn: Orientation) throws(ClipError) {
        do throws(Errno) { file = try MemoryFile(name: "clawnode-clip") } catch { throw .system(error) }
        limit = plan.limit
        self.expected = expected
        self.turn = turn
        let url = "/proc/self/fd/\(file.descriptor)"
        var made: UnsafeMutablePointer<AVFormatContext>?
        try lav("a container", avformat_alloc_output_context2(&made, nil, plan.container.muxer, url))
        context = try given(made)
        try lav("a container", avio_open(&context.pointee.pb, url, AVIO_FLAG_WRITE))
    }

    deinit {
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
        for track in tracks.values {
            var parameters: UnsafeMutablePointer<AVCodecParameters>? = track.parameters
            avcodec_parameters_free(&parameters)
        }
    }

    func has(_ kind: Kind) -> Bool { tracks[kind] != nil }

    /// The first packet of `kind` is there. `describe` says what a decoder has to know.
    func begin(
        _ kind: Kind, at start: Int64, _ timeBase: AVRational,
        _ describe: (UnsafeMutablePointer<AVCodecParameters>) throws(ClipError) -> Void
    ) throws(ClipError) {
        let parameters = try given(avcodec_parameters_alloc())
        tracks[kind] = Track(parameters: parameters, timeBase: timeBase, start: start)
        try describe(parameters)
        // As other containers call the codec means nothing here.
        parameters.pointee.codec_tag = 0
    }

    /// Its times are from the track's start, in the track's time base.
    func add(_ packet: Packet, to kind: Kind) throws(ClipError) {
        bytes += Int(packet.raw.pointee.size)
        if bytes > limit { throw .tooLarge(bytes: bytes, limit: limit) }
        tracks[kind]?.waiting.append(packet)
        expected.remove(kind)
        if expected.isEmpty { try write() }
    }

    /// The whole file, and where its beginning is; nil when there is nothing to put in.
    func finish() throws(ClipError) -> (file: MemoryFile, origin: Int64)? {
        try write()
        guard let origin else { return nil }
        try lav("the end", av_write_trailer(context))
        let size = Int(avio_size(context.pointee.pb))
        try lav("the end", avio_closep(&context.pointee.pb))
        if size > limit { throw .tooLarge(bytes: size, limit: limit) }
        do throws(Errno) { try file.seal() } catch { throw .system(error) }
        return (file, origin)
    }

    private func write() throws(ClipError) {
        if origin == nil { try open() }
        guard let origin else { return }
        // In the order of time, as far as that is known.
        for kind in [Kind.video, .sound] {
            guard let track = tracks[kind], let stream = track.stream else { continue }
            tracks[kind]?.waiting = []
            let nanoseconds = AVRational(num: 1, den: 1_000_000_000)
            let offset = av_rescale_q(track.start - origin, nanoseconds, stream.pointee.time_base)
            for packet in track.waiting {
                let raw = packet.raw
                av_packet_rescale_ts(raw, track.timeBase, stream.pointee.time_base)
                raw.pointee.pts += offset
                raw.pointee.dts += offset
                raw.pointee.stream_index = stream.pointee.index
                try lav("writing", av_interleaved_write_frame(context, raw))
            }
        }
        if let pb = context.pointee.pb { try lav("writing", pb.pointee.error) }
    }

    private func open() throws(ClipError) {
        let present = [Kind.video, .sound].filter { tracks[$0]?.waiting.isEmpty == false }
        guard let first = present.compactMap({ tracks[$0]?.start }).min() else { return }
        for kind in present {
            guard let track = tracks[kind] else { continue }
            let stream = try given(avformat_new_stream(context, nil))
            try lav("a track", avcodec_parameters_copy(stream.pointee.codecpar, track.parameters))
            stream.pointee.time_base = track.timeBase
            if kind == .video, turn != .upright { try tell(turn, stream) }
            tracks[kind]?.stream = stream
        }
        var options = dictionary(["movflags": "+faststart"])
        defer { av_dict_free(&options) }
        try lav("the beginning", avformat_write_header(context, &options))
        origin = first
    }

    private func tell(_ turn: Orientation, _ stream: UnsafeMutablePointer<AVStream>) throws(ClipError) {
        let matrix = try given(CN_display_matrix(stream))
        // Here what is mirrored has been turned before, and in a mirror the clock runs the other way.
        av_display_rotation_set(matrix, Double(turn.isMirrored ? -turn.turn.rawValue : turn.turn.rawValue))
        if turn.isMirrored { av_display_matrix_flip(matrix, 1, 0) }
    }
}
