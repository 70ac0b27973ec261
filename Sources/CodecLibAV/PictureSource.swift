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
        // "J" is the range, which is told apart from the layout.
        if format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUV420P {
            frame.raw.pointee.format = AV_PIX_FMT_YUV420P.rawValue
            return frame
        }
        let target = try Frame(width: video.width, height: video.height, format: AV_PIX_FMT_YUV420P)
        // Of a picture without colours a scaler would change the range.
        let isGrey = format == AV_PIX_FMT_GRAY8
        if isGrey {
            for colour in target.planes.dropFirst() {
                memset(colour.start, 128, colour.stride * ((video.height + 1) / 2))
            }
        }
        if isGrey || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUV422P {
            Self.halveColour(frame.planes, target.planes, width: video.width, height: video.height)
            return target
        }
        // Both of the range they have, so that nothing but the layout changes.
        let plain =
            switch format {
            case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P
            case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P
            case AV_PIX_FMT_YUVJ440P: AV_PIX_FMT_YUV440P
            case AV_PIX_FMT_YUVJ411P: AV_PIX_FMT_YUV411P
            default: format
            }
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

    /// What nearly all webcams send: colour at half the width, but at the full height. Means of two rows are made faster than a
    /// scaler is asked.
    private static func halveColour(_ from: [Frame.Plane], _ to: [Frame.Plane], width: Int, height: Int) {
        for row in 0..<height {
            memcpy(to[0].start + row * to[0].stride, from[0].start + row * from[0].stride, width)
        }
        for (from, to) in zip(from.dropFirst(), to.dropFirst()) {
            for row in 0..<(height + 1) / 2 {
                let upper = from.start + 2 * row * from.stride
                let lower = from.start + min(2 * row + 1, height - 1) * from.stride
                let target = to.start + row * to.stride
                for x in 0..<(width + 1) / 2 {
                    target[x] = UInt8(truncatingIfNeeded: (UInt16(upper[x]) &+ UInt16(lower[x]) &+ 1) &>> 1)
                }
            }
        }
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
