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
    private let purpose: Purpose
    private let choice: FormatChoice
    /// Only for what is not JPEG.
    private let converter: FrameConverter?
    private let buffers: V4L2Buffers
    private let device: V4L2Device

    /// What a mode is chosen for.
    enum Purpose {
        /// Of a width.
        case picture(Int)
        case film(FilmRequest)
    }

    struct Frame {
        /// One for each plane that lies apart.
        let planes: [UnsafeMutableRawBufferPointer]
        let time: MonotonicTime
        let sequence: UInt32
        /// The driver says that something is missing, or it is plain to see.
        let isDamaged: Bool
    }

    /// Opens `path`, sets the best mode for `purpose`, and starts. `.busy` is worth another try a moment later.
    init(opening path: String, for purpose: Purpose) throws(CameraError) {
        let device = try V4L2Device.open(path)
        let choice = FormatChoice(modes: device.modes)
        guard let mode = choice.mode(for: purpose) else {
            throw .unsupported(path, reason: "it offers no pixel format that can be read")
        }
        do throws(Errno) { try self.init(device, at: path, for: purpose, mode, of: choice) } catch {
            throw CameraError(error, at: path)
        }
    }

    private init(
        _ device: consuming V4L2Device, at path: String, for purpose: Purpose, _ wanted: CaptureMode,
        of choice: FormatChoice
    ) throws(Errno) {
        let format = try Self.set(wanted, on: device)
        let rate = purpose.isFilm ? min(wanted.framesPerSecond, FilmRequest.framesPerSecond) : wanted.framesPerSecond
        let mode = CaptureMode(
            format: format.pixelFormat, width: format.width, height: format.height, framesPerSecond: rate)
        // A driver may change all of it, and some answer with what somebody else has set.
        guard mode.isReadable || mode.format == wanted.format else { throw Errno(EINVAL) }
        Self.setRate(rate, on: device)
        if case .film(let request) = purpose, mode.format == .h264 {
            Self.setBitRate(request.bitsPerSecond, on: device)
        }
        let buffers = try V4L2Buffers(of: device, isEncoded: mode.format == .h264)
        for index in 0..<buffers.count { try device.buffer(CN_VIDIOC_QBUF, index) }
        let isPassedOn = mode.format.isJPEG || mode.format == .h264
        let converter = isPassedOn ? nil : try FrameConverter(device: device, from: format)
        let startedAt = MonotonicTime.now
        var type = device.bufferType.rawValue
        try device.control(CN_VIDIOC_STREAMON, &type)
        self.mode = mode
        self.startedAt = startedAt
        self.path = path
        self.purpose = purpose
        self.choice = choice
        self.converter = converter
        self.buffers = buffers
        self.device = device
    }

    var descriptor: CInt { device.raw }

    /// Whether reopening would bring nothing for that.
    func serves(_ purpose: Purpose) -> Bool {
        switch purpose {
        case .film: self.purpose.isFilm || mode == choice.film
        case .picture(let width):
            mode.isReadable
                && (mode.width >= width || choice.mode(covering: width).map { $0.width <= mode.width } ?? true)
        }
    }

    /// Tells a camera that encodes how much it may send; not all can be told.
    private static func setBitRate(_ bitsPerSecond: Int, on device: borrowing V4L2Device) {
        var rate = v4l2_control(id: CN_CID_BITRATE, value: Int32(clamping: bitsPerSecond))
        try? device.control(CN_VIDIOC_S_CTRL, &rate)  // what does not fit is refused at its end
    }

    /// Asks a camera that encodes for a frame that decoding can begin with. Those that do not know of it send one now and then.
    func requestKeyFrame() {
        guard mode.format == .h264 else { return }
        var request = v4l2_control(id: CN_CID_FORCE_KEY_FRAME, value: 0)
        try? device.control(CN_VIDIOC_S_CTRL, &request)  // as said above
    }

    /// The oldest frame that has arrived, lent to `body` and then given back to the driver; nil when none has.
    func withFrame<R>(_ body: (Frame) -> R) throws(CameraError) -> R? {
        do throws(Errno) {
            let buffer = try device.buffer(CN_VIDIOC_DQBUF)
            let planes = buffers.bytes(of: buffer)
            let frame = Frame(
                planes: planes, time: Self.time(of: buffer), sequence: buffer.sequence,
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
        if mode.format == .h264 {
            return Image(
                width: mode.width, height: mode.height, format: .h264, bytes: Array(frame.planes[0]),
                capturedAt: frame.time)
        }
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
            buffer.timestamp, isCopied: buffer.flags & CN_BUF_FLAG_TIMESTAMP_MASK == CN_BUF_FLAG_TIMESTAMP_COPY)
        return stamp.time(dequeuedAt: .now)
    }
}

extension V4L2Stream.Purpose {
    fileprivate var isFilm: Bool { if case .film = self { true } else { false } }
}

extension FormatChoice {
    fileprivate func mode(for purpose: V4L2Stream.Purpose) -> CaptureMode? {
        switch purpose {
        case .picture(let width): mode(covering: width)
        case .film: film
        }
    }
}
