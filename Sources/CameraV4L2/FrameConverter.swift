import CV4L2
import Glibc
import LinuxIO
import NodeMedia

/// Brings a device's raw frames to planar 4:2:0 in the full range that JPEG has, by libv4lconvert.
struct FrameConverter: ~Copyable {
    private let converter: OpaquePointer
    private let source: v4l2_format
    private let range: SampleRange
    /// The library goes by the rows that the driver announced, whether the frame has them or not.
    private let leastBytes: Int

    /// `device` must outlive it.
    init(device: borrowing V4L2Device, from source: v4l2_format) throws(Errno) {
        try self.init(descriptor: device.raw, operations: v4lconvert_get_default_dev_ops(), from: source)
    }

    /// `operations` are how the library asks the device for its quirks.
    init(
        descriptor: CInt, operations: UnsafePointer<libv4l_dev_ops>?, from source: v4l2_format
    ) throws(Errno) {
        guard let converter = v4lconvert_create_with_dev_ops(descriptor, nil, operations) else { throw Errno(ENOMEM) }
        self.converter = converter
        let pixels = PixelFormat(rawValue: source.fmt.pix.pixelformat).bytesPerPixel
        var source = source
        source.fmt.pix.bytesperline = max(source.fmt.pix.bytesperline, source.fmt.pix.width * UInt32(pixels ?? 0))
        self.source = source
        leastBytes = pixels == nil ? 1 : Int(source.fmt.pix.bytesperline) * Int(source.fmt.pix.height)
        range = SampleRange(
            format: PixelFormat(rawValue: source.fmt.pix.pixelformat), quantization: source.fmt.pix.quantization,
            colourSpace: source.fmt.pix.colorspace)
    }

    deinit {
        v4lconvert_destroy(converter)
    }

    /// Nil when the frame is too short or damaged.
    borrowing func convert(_ frame: UnsafeMutableRawBufferPointer) -> [UInt8]? {
        var source = source
        var target = source
        target.fmt.pix.pixelformat = PixelFormat.yuv420.rawValue
        target.fmt.pix.bytesperline = target.fmt.pix.width
        let (width, height) = (Int(target.fmt.pix.width), Int(target.fmt.pix.height))
        let size = Image.yuv420Size(width: width, height: height)
        target.fmt.pix.sizeimage = UInt32(size)
        guard frame.count >= leastBytes, let start = frame.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return nil
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { output, count in
            let written = v4lconvert_convert(
                converter, &source, &target, start, CInt(frame.count), output.baseAddress, CInt(size))
            guard written == size else { return }
            count = size
            range.expand(output, lumaCount: width * height)
        }
        return bytes.isEmpty ? nil : bytes
    }
}
