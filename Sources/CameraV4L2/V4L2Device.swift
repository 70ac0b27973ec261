import CV4L2
import Glibc
import LinuxIO
import NodeCamera
import NodeMedia

/// An open video node: the one place that speaks to the kernel's video interface about what a device is and offers.
struct V4L2Device: ~Copyable {
    private let descriptor: FileDescriptor
    private let capability: v4l2_capability

    var raw: CInt { descriptor.raw }

    init(opening path: String) throws(Errno) {
        let descriptor = try FileDescriptor(opening: path, flags: O_RDWR | O_NONBLOCK)
        var capability = v4l2_capability()
        try Self.control(descriptor, CN_VIDIOC_QUERYCAP, &capability)
        self.descriptor = descriptor
        self.capability = capability
    }

    static func open(_ path: String) throws(CameraError) -> V4L2Device {
        do throws(Errno) { return try V4L2Device(opening: path) } catch { throw CameraError(error, at: path) }
    }

    /// One ioctl; `argument`, one of the kernel's structures, is read and written by it.
    borrowing func control<T>(_ request: UInt, _ argument: inout T) throws(Errno) {
        try Self.control(descriptor, request, &argument)
    }

    private static func control<T>(
        _ descriptor: borrowing FileDescriptor, _ request: UInt, _ argument: inout T
    ) throws(Errno) {
        let raw = descriptor.raw
        try withUnsafeMutablePointer(to: &argument) { pointer throws(Errno) in
            _ = try call { CN_ioctl(raw, request, pointer) }
        }
    }

    /// The node's own. The whole device's would count those of its other nodes.
    private var capabilities: UInt32 {
        let hasOwn = capability.capabilities & CN_CAP_DEVICE_CAPS != 0
        return hasOwn ? capability.device_caps : capability.capabilities
    }

    /// Whether its frames may lie in several buffers: another set of structures for the same calls.
    var isMultiPlanar: Bool {
        capabilities & CN_CAP_VIDEO_CAPTURE == 0 && capabilities & CN_CAP_VIDEO_CAPTURE_MPLANE != 0
    }

    var bufferType: v4l2_buf_type {
        isMultiPlanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE
    }

    struct Identity {
        let name: String
        let bus: String
        /// Whether it delivers pictures by itself: no output, no codec, no metadata, and no node in a graph that somebody has to
        /// set up first.
        let isCamera: Bool
    }

    var identity: Identity {
        let capabilities = capabilities
        let captures = capabilities & (CN_CAP_VIDEO_CAPTURE | CN_CAP_VIDEO_CAPTURE_MPLANE) != 0
        return Identity(
            name: Self.text(capability.card), bus: Self.text(capability.bus_info),
            isCamera: captures && capabilities & CN_CAP_STREAMING != 0 && capabilities & Self.unwanted == 0 && hasInput
                && !SensorPipeline.isPart(driver: Self.text(capability.driver), offering: formats))
    }

    private static let unwanted =
        CN_CAP_VIDEO_OUTPUT | CN_CAP_VIDEO_OUTPUT_MPLANE | CN_CAP_VIDEO_M2M | CN_CAP_VIDEO_M2M_MPLANE | CN_CAP_IO_MC

    /// Image processors pose as capture nodes, but have no input of their own.
    private var hasInput: Bool {
        var input = v4l2_input()
        // Any failure means that there is none.
        return (try? control(CN_VIDIOC_ENUMINPUT, &input)) != nil
    }

    /// Whether somebody else has the device's buffers: asking for none of one's own frees nothing and is refused just then.
    var isBusy: Bool {
        var request = v4l2_requestbuffers()
        request.type = bufferType.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        do throws(Errno) {
            try control(CN_VIDIOC_REQBUFS, &request)
            return false
        } catch { return error.code == EBUSY }
    }

    /// Everything it offers, in its own order.
    var modes: [CaptureMode] {
        formats.flatMap { format in
            sizes(of: format).offered.map { size in
                CaptureMode(
                    format: format, width: size.width, height: size.height,
                    framesPerSecond: highestRate(format, size))
            }
        }
    }

    private var formats: [PixelFormat] {
        var formats: [PixelFormat] = []
        var description = v4l2_fmtdesc()
        description.type = bufferType.rawValue
        // The list ends with the first index that is refused; no device has this many.
        while description.index < 256, (try? control(CN_VIDIOC_ENUM_FMT, &description)) != nil {
            formats.append(PixelFormat(rawValue: description.pixelformat))
            description.index += 1
        }
        return formats
    }

    private func sizes(of format: PixelFormat) -> FrameSizes {
        var discrete: [FrameSizes.Size] = []
        var size = v4l2_frmsizeenum()
        size.pixel_format = format.rawValue
        // As above.
        while size.index < 256, (try? control(CN_VIDIOC_ENUM_FRAMESIZES, &size)) != nil {
            guard size.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
                let range = size.stepwise
                return .stepwise(
                    least: .init(width: Int(range.min_width), height: Int(range.min_height)),
                    most: .init(width: Int(range.max_width), height: Int(range.max_height)),
                    step: .init(width: Int(range.step_width), height: Int(range.step_height)))
            }
            discrete.append(.init(width: Int(size.discrete.width), height: Int(size.discrete.height)))
            size.index += 1
        }
        if !discrete.isEmpty { return .discrete(discrete) }
        // Old drivers list no sizes: what is set now works.
        var current = v4l2_format()
        current.type = bufferType.rawValue
        guard (try? control(CN_VIDIOC_G_FMT, &current)) != nil else { return .discrete([]) }
        let format = FrameFormat(current)
        return .discrete([.init(width: format.width, height: format.height)])
    }

    private func highestRate(_ format: PixelFormat, _ size: FrameSizes.Size) -> Double {
        var highest = 0.0
        var interval = v4l2_frmivalenum()
        interval.pixel_format = format.rawValue
        interval.width = UInt32(size.width)
        interval.height = UInt32(size.height)
        // As above.
        while interval.index < 256, (try? control(CN_VIDIOC_ENUM_FRAMEINTERVALS, &interval)) != nil {
            let isDiscrete = interval.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue
            let shortest = isDiscrete ? interval.discrete : interval.stepwise.min
            highest = max(highest, Self.rate(of: shortest))
            if !isDiscrete { break }
            interval.index += 1
        }
        return highest
    }

    /// Frames a second; 0 for an interval that is none. Where a USB camera says nothing its driver says 100 ns.
    static func rate(of interval: v4l2_fract) -> Double {
        let rate = Double(interval.denominator) / Double(interval.numerator)
        // To hundredths: the fractions of drivers are often a hair beside what they mean.
        return rate <= 1_000 ? (rate * 100).rounded() / 100 : 0
    }

    /// The characters of a C array up to its end or the first zero.
    private static func text<T>(_ characters: T) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
