import CV4L2
import Glibc
import LinuxIO
import NodeCamera
import NodeMedia

/// A device that is delivering pictures. It stops, and lets go of the device, when this goes.
struct V4L2Stream: ~Copyable {
    let mode: CaptureMode
    /// Before the first frame can have begun.
    let startedAt: MonotonicTime
    private let path: String
    private let choice: FormatChoice
    /// Only for what is not JPEG.
    private let converter: FrameConverter?
    private let buffers: V4L2Buffers
    private let device: V4L2Device

    struct Frame {
        /// One for each plane that lies apart.
        let planes: [UnsafeMutableRawBufferPointer]
        let time: MonotonicTime
        /// The driver says that something is missing, or it is plain to see.
        let isDamaged: Bool
    }

    /// Opens `path`, sets the best mode for pictures of `width`, and starts. `.busy` is worth another try a moment later.
    init(opening path: String, covering width: Int) throws(CameraError) {
        let device = try V4L2Device.open(path)
        let choice = FormatChoice(modes: device.modes)
        guard let mode = choice.mode(covering: width) else {
            throw .unsupported(path, reason: "it offers no pixel format that can be read")
        }
        do throws(Errno) { try self.init(device, at: path, mode, of: choice) } catch {
            throw CameraError(error, at: path)
        }
    }

    private init(
        _ device: consuming V4L2Device, at path: String, _ wanted: CaptureMode, of choice: FormatChoice
    ) throws(Errno) {
        let format = try Self.set(wanted, on: device)
        let mode = CaptureMode(
            format: format.pixelFormat, width: format.width, height: format.height,
            framesPerSecond: wanted.framesPerSecond)
        // A driver may change all of it, and some answer with what somebody else has set.
        guard mode.isReadable else { throw Errno(EINVAL) }
        Self.setRate(wanted.framesPerSecond, on: device)
        let buffers = try V4L2Buffers(of: device)
        for index in 0..<buffers.count { try device.buffer(CN_VIDIOC_QBUF, index) }
        let converter = mode.format.isJPEG ? nil : try FrameConverter(device: device, from: format)
        let startedAt = MonotonicTime.now
        var type = device.bufferType.rawValue
        try device.control(CN_VIDIOC_STREAMON, &type)
        self.mode = mode
        self.startedAt = startedAt
        self.path = path
        self.choice = choice
        self.converter = converter
        self.buffers = buffers
        self.device = device
    }

    var descriptor: CInt { device.raw }

    /// Whether reopening would bring nothing for a picture of `width`.
    func serves(width: Int) -> Bool {
        guard mode.width < width, let better = choice.mode(covering: width) else { return true }
        return better.width <= mode.width
    }

    /// The oldest frame that has arrived, lent to `body` and then given back to the driver; nil when none has.
    func withFrame<R>(_ body: (Frame) -> R) throws(CameraError) -> R? {
        do throws(Errno) {
            let buffer = try device.buffer(CN_VIDIOC_DQBUF)
            let planes = buffers.bytes(of: buffer)
            let frame = Frame(
                planes: planes, time: Self.time(of: buffer),
                isDamaged: buffer.flags & CN_BUF_FLAG_ERROR != 0 || planes.isEmpty
                    || planes.contains(where: \.isEmpty))
            let result = body(frame)
            try device.buffer(CN_VIDIOC_QBUF, buffer.index)
            return result
        } catch {
            switch error.code {
            case EAGAIN: return nil
            // A device that was unplugged has nothing to take from any more; drivers differ in how they say so.
            case EINVAL, EPIPE: throw .gone(path)
            default: throw CameraError(error, at: path)
            }
        }
    }

    /// The picture in `frame` with a copy of its bytes; nil when it is not whole.
    func image(of frame: Frame) -> Image? {
        guard mode.format.isJPEG else {
            guard let planes = converter?.convert(frame.planes) else { return nil }
            return Image(width: mode.width, height: mode.height, format: .yuv420, bytes: planes, capturedAt: frame.time)
        }
        let bytes = UnsafeRawBufferPointer(frame.planes[0])
        // Why it is not whole makes no difference: the next one will be.
        guard let structure = try? JPEGStructure(bytes) else { return nil }
        return Image(
            width: structure.width, height: structure.height, format: .mjpeg,
            bytes: Array(bytes.prefix(structure.length)),
            capturedAt: frame.time)
    }

    private static func set(_ mode: CaptureMode, on device: borrowing V4L2Device) throws(Errno) -> FrameFormat {
        let wanted = FrameFormat(pixelFormat: mode.format, width: mode.width, height: mode.height)
        var format = wanted.request(device.bufferType)
        try device.control(CN_VIDIOC_S_FMT, &format)
        return FrameFormat(format)
    }

    /// Some drivers keep the rate that the last program left.
    private static func setRate(_ framesPerSecond: Double, on device: borrowing V4L2Device) {
        guard framesPerSecond > 0 else { return }
        var parameters = v4l2_streamparm()
        parameters.type = device.bufferType.rawValue
        // A device without the setting works all the same, at a rate of its own.
        guard (try? device.control(CN_VIDIOC_G_PARM, &parameters)) != nil,
            parameters.parm.capture.capability & CN_CAP_TIMEPERFRAME != 0
        else { return }
        parameters.parm.capture.timeperframe = v4l2_fract(
            numerator: 1000, denominator: UInt32((framesPerSecond * 1000).rounded()))
        try? device.control(CN_VIDIOC_S_PARM, &parameters)  // as above
    }

    /// When the frame was taken, see `FrameStamp`.
    private static func time(of buffer: V4L2Buffer) -> MonotonicTime {
        let stamp = FrameStamp(
            nanoseconds: Int64(buffer.timestamp.tv_sec) * 1_000_000_000 + Int64(buffer.timestamp.tv_usec) * 1_000,
            isCopied: buffer.flags & CN_BUF_FLAG_TIMESTAMP_MASK == CN_BUF_FLAG_TIMESTAMP_COPY)
        return stamp.time(dequeuedAt: .now)
    }
}
