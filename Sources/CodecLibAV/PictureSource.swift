import CLibAV
import ClipChannel
import Glibc
import LinuxIO
import NodeMedia

/// Makes of what a camera sends what an encoder takes: planar 4:2:0 with even sides, upright.
final class PictureSource {
    private let video: ClipPlan.Video
    private let decoder: Codec?
    private var scaler: OpaquePointer?
    private let packet: Packet
    /// Of the pictures that come out.
    let width: Int
    let height: Int

    init(_ video: ClipPlan.Video) throws(ClipError) {
        self.video = video
        let (width, height) = (video.width & ~1, video.height & ~1)
        (self.width, self.height) = video.orientation.swapsSides ? (height, width) : (width, height)
        packet = try Packet()
        guard video.format.isJPEG else {
            decoder = nil
            return
        }
        guard let codec = avcodec_find_decoder(AV_CODEC_ID_MJPEG) else {
            throw .unencodable("this system's libavcodec has no mjpeg")
        }
        let decoder = try Codec(codec)
        // A picture with a hole is none.
        decoder.raw.pointee.err_recognition = AV_EF_EXPLODE
        decoder.raw.pointee.thread_count = 1
        try decoder.open()
        self.decoder = decoder
    }

    deinit { sws_freeContext(scaler) }

    /// Nil for what cannot be decoded, or has another size than was planned.
    func picture(_ lease: RingLease) throws(ClipError) -> Frame? {
        guard let frame = decoder == nil ? try wrapped(lease) : try decoded(lease) else { return nil }
        frame.raw.pointee.width = CInt(video.width & ~1)
        frame.raw.pointee.height = CInt(video.height & ~1)
        return video.orientation == .upright ? frame : try turned(frame)
    }

    /// The bytes where they lie, for as long as libav wants them.
    private func wrapped(_ lease: RingLease) throws(ClipError) -> Frame? {
        let (width, height) = (video.width, video.height)
        guard lease.bytes.count == Image.yuv420Size(width: width, height: height),
            let start = lease.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return nil }
        let half = (width: (width + 1) / 2, height: (height + 1) / 2)
        let frame = try Frame()
        frame.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.raw.pointee.data.0 = start
        frame.raw.pointee.data.1 = start + width * height
        frame.raw.pointee.data.2 = start + width * height + half.width * half.height
        frame.raw.pointee.linesize.0 = CInt(width)
        frame.raw.pointee.linesize.1 = CInt(half.width)
        frame.raw.pointee.linesize.2 = CInt(half.width)
        frame.raw.pointee.buf.0 = try lease.lend()
        return frame
    }

    private func decoded(_ lease: RingLease) throws(ClipError) -> Frame? {
        guard let decoder else { return nil }
        packet.raw.pointee.data = lease.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        packet.raw.pointee.size = CInt(lease.bytes.count)
        packet.raw.pointee.buf = try lease.lend()
        defer { av_packet_unref(packet.raw) }
        let frame = try Frame()
        guard avcodec_send_packet(decoder.raw, packet.raw) >= 0, avcodec_receive_frame(decoder.raw, frame.raw) >= 0,
            frame.raw.pointee.width == video.width, frame.raw.pointee.height == video.height
        else { return nil }
        return try reduced(frame)
    }

    /// With colour at half the size each way, as every player knows it.
    private func reduced(_ frame: Frame) throws(ClipError) -> Frame {
        let format = AVPixelFormat(rawValue: frame.raw.pointee.format)
        switch format {
        // "J" is the range, which is told apart from the layout.
        case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P: frame.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        // What nearly all webcams send.
        case AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P: try halveColour(of: frame, across: false, down: true)
        case AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P: try halveColour(of: frame, across: true, down: true)
        case AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P: try halveColour(of: frame, across: true, down: false)
        // Of a picture without colours a scaler would change the range.
        case AV_PIX_FMT_GRAY8: try halveColour(of: frame, across: false, down: false)
        default: return try scaled(frame, format)
        }
        return frame
    }

    /// Faster than any scaler: the brightness stays where the decoder has put it, and colour gets memory of its own. What has none
    /// gets grey.
    private func halveColour(of frame: Frame, across: Bool, down: Bool) throws(ClipError) {
        let (width, height) = (video.width / 2, video.height / 2)
        // Who reads in wide steps reads a little beyond the last row.
        let memory = try given(av_buffer_alloc(2 * width * height + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
        let halves: [Frame.Plane] = [(memory.pointee.data, width), (memory.pointee.data + width * height, width)]
        let colours = frame.planes.dropFirst()
        if colours.isEmpty { memset(memory.pointee.data, 128, 2 * width * height) }
        for (colour, half) in zip(colours, halves) {
            PlaneMean.halve(colour, across: across, down: down, into: half, width: width, height: height)
        }
        let raw = frame.raw
        raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        (raw.pointee.data.1, raw.pointee.data.2) = (halves[0].start, halves[1].start)
        (raw.pointee.linesize.1, raw.pointee.linesize.2) = (CInt(width), CInt(width))
        av_buffer_unref(&raw.pointee.buf.1)
        av_buffer_unref(&raw.pointee.buf.2)
        raw.pointee.buf.1 = memory
    }

    private func scaled(_ frame: Frame, _ format: AVPixelFormat) throws(ClipError) -> Frame {
        let target = try Frame(width: video.width, height: video.height, format: AV_PIX_FMT_YUV420P)
        // Both of the range they have, so that nothing but the layout changes.
        let plain = format == AV_PIX_FMT_YUVJ411P ? AV_PIX_FMT_YUV411P : format
        scaler = sws_getCachedContext(
            scaler, CInt(video.width), CInt(video.height), plain, CInt(video.width), CInt(video.height),
            // Not the fast one: that writes machine code and runs it, which a sandbox forbids.
            AV_PIX_FMT_YUV420P, CInt(SWS_BILINEAR), nil, nil, nil)
        let context = try given(scaler)
        let from = frame.planes.map { UnsafePointer<UInt8>?($0.start) }
        let fromStrides = frame.planes.map { CInt($0.stride) }
        let to = target.planes.map { UnsafeMutablePointer<UInt8>?($0.start) }
        let toStrides = target.planes.map { CInt($0.stride) }
        try lav("a picture", sws_scale(context, from, fromStrides, 0, CInt(video.height), to, toStrides))
        return target
    }

    private func turned(_ frame: Frame) throws(ClipError) -> Frame {
        let target = try Frame(width: width, height: height, format: AV_PIX_FMT_YUV420P)
        for (index, (from, to)) in zip(frame.planes, target.planes).enumerated() {
            let divisor = index == 0 ? 1 : 2
            let (before, after) = (frame.raw.pointee, (width: width / divisor, height: height / divisor))
            PlaneTurn.turn(
                PlaneTurn.Rows(
                    start: from.start, stride: from.stride, width: Int(before.width) / divisor,
                    height: Int(before.height) / divisor),
                video.orientation,
                into: PlaneTurn.Rows(start: to.start, stride: to.stride, width: after.width, height: after.height))
        }
        return target
    }
}

/// Bytes of the ring that the other process does not touch before this is gone.
final class RingLease: Sendable {
    nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer
    private let ring: SharedMemory
    private let giveBack: @Sendable () -> Void

    init(_ ring: SharedMemory, _ range: Range<Int>, giveBack: @escaping @Sendable () -> Void) {
        self.ring = ring
        bytes = UnsafeMutableRawBufferPointer(rebasing: ring.bytes[range])
        self.giveBack = giveBack
    }

    deinit { giveBack() }

    /// The same as libav counts references: it holds this until it is done.
    func lend() throws(ClipError) -> UnsafeMutablePointer<AVBufferRef> {
        let lease = Unmanaged.passRetained(self)
        let buffer = av_buffer_create(
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count,
            { lease, _ in
                guard let lease else { return }
                Unmanaged<RingLease>.fromOpaque(lease).release()
            }, lease.toOpaque(), AV_BUFFER_FLAG_READONLY)
        if buffer == nil { lease.release() }
        return try given(buffer)
    }
}
