import CLibAV
import Glibc
import LinuxIO
import NodeMedia

/// H.264 out of pictures, by the first encoder of this machine that works.
final class VideoEncoder {
    /// Of all times that go in and come out.
    static let timeBase = AVRational(num: 1, den: 90_000)
    /// Hardware first. Those of hardware are written against libavcodec's documentation.
    private static let names = ["h264_v4l2m2m", "h264_vaapi", "libx264", "libopenh264"]

    struct Shape {
        let width: Int
        let height: Int
        let framesPerSecond: Double
    }

    let codec: Codec
    let name: String
    private let isHardware: Bool
    private let upload: Upload?

    /// Those of FFmpeg's names that are not a library's are hardware's.
    private static func isHardware(_ name: String) -> Bool { !name.hasPrefix("lib") }

    /// Their names, in the order in which they are tried.
    static func order(avoidingHardware: Bool) -> [String] {
        avoidingHardware ? names.filter { !isHardware($0) } + names.filter(isHardware) : names
    }

    /// Tries `known` first, and believes it.
    static func first(
        _ shape: Shape, _ rates: BitRatePlan, known: String?, avoidingHardware: Bool
    ) throws(ClipError) -> VideoEncoder {
        if let known, let encoder = try? VideoEncoder(known, shape, rates) { return encoder }  // else all are tried
        var reasons: [String] = []
        for name in order(avoidingHardware: avoidingHardware) where name != "h264_v4l2m2m" || CodecDevices.areThere {
            do throws(ClipError) {
                // Hardware may be there, open, and then not work. Software that opens works.
                if isHardware(name) { try VideoEncoder(name, shape, rates).tryOut(shape) }
                return try VideoEncoder(name, shape, rates)
            } catch {
                reasons.append("\(name): \(error)")
            }
        }
        throw .unencodable("no encoder for H.264 works here; " + reasons.joined(separator: "; "))
    }

    private init(_ name: String, _ shape: Shape, _ rates: BitRatePlan) throws(ClipError) {
        guard let found = avcodec_find_encoder_by_name(name) else { throw .unencodable("libavcodec has no \(name)") }
        self.name = name
        isHardware = Self.isHardware(name)
        codec = try Codec(found)
        upload = name == "h264_vaapi" ? try Upload(shape) : nil
        let context = codec.raw
        context.pointee.width = CInt(shape.width)
        context.pointee.height = CInt(shape.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.time_base = Self.timeBase
        context.pointee.framerate = AVRational(num: CInt(shape.framesPerSecond * 1_000), den: 1_000)
        // What JPEG has, and what pictures are drawn in (JFIF): said, not changed. Browsers believe none of it unless all is said.
        context.pointee.color_range = AVCOL_RANGE_JPEG
        context.pointee.colorspace = AVCOL_SPC_SMPTE170M
        context.pointee.color_primaries = AVCOL_PRI_BT709
        context.pointee.color_trc = AVCOL_TRC_IEC61966_2_1
        context.pointee.gop_size = CInt(max(1, shape.framesPerSecond * 4))
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        context.pointee.rc_max_rate = Int64(rates.videoPeak)
        context.pointee.rc_buffer_size = CInt(rates.buffer)
        var options: [String: String] = [:]
        switch name {
        case "libx264":
            // Small boards: each thread has pictures of its own, and so has each that is looked ahead for. Frames that refer to later
            // ones would save a sixth of the file, and cost a quarter of the time and a third of the memory. Looking ahead
            // for ten would take 20 MB more at 720p, and the pictures be no nearer to what was filmed.
            context.pointee.thread_count = CInt(min(3, max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))))
            options = ["preset": "veryfast", "crf": "23", "x264-params": "bframes=0:rc-lookahead=3:sync-lookahead=0"]
        case "h264_vaapi":
            context.pointee.bit_rate = Int64(rates.video)
            context.pointee.max_b_frames = 0
            context.pointee.pix_fmt = AV_PIX_FMT_VAAPI
            context.pointee.hw_frames_ctx = try upload?.frames()
        default:
            context.pointee.bit_rate = Int64(rates.video)
            context.pointee.max_b_frames = 0
        }
        try codec.open(options)
    }

    /// Encodes two grey frames.
    private func tryOut(_ shape: Shape) throws(ClipError) {
        var packets = 0
        for number in 0..<2 {
            let frame = try Frame(width: shape.width, height: shape.height, format: AV_PIX_FMT_YUV420P)
            for (index, plane) in frame.planes.enumerated() {
                memset(plane.start, 128, plane.stride * (index == 0 ? shape.height : shape.height / 2))
            }
            try encode(frame, at: Int64(number * 3_000)) { _ in packets += 1 }
        }
        try codec.encode(nil) { _ in packets += 1 }
        if packets == 0 { throw .unencodable("nothing came out") }
    }

    func encode(
        _ frame: Frame, at time: Int64, _ take: (Packet) throws(ClipError) -> Void
    ) throws(ClipError) {
        try blaming { () throws(ClipError) in
            let frame = try upload?.uploaded(frame) ?? frame
            frame.raw.pointee.pts = time
            frame.raw.pointee.pict_type = AV_PICTURE_TYPE_NONE
            try codec.encode(frame, take)
        }
    }

    func finish(_ take: (Packet) throws(ClipError) -> Void) throws(ClipError) {
        try blaming { () throws(ClipError) in try codec.encode(nil, take) }
    }

    /// What hardware does not do another encoder may: who asks again gets that.
    private func blaming(_ body: () throws(ClipError) -> Void) throws(ClipError) {
        do throws(ClipError) { try body() } catch {
            if isHardware, case .unencodable(let reason) = error { throw .encoderDied("\(name): \(reason)") }
            throw error
        }
    }
}
