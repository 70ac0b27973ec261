import CV4L2
import Glibc
import LinuxIO
import NodeMedia

/// Brings a device's raw frames to planar 4:2:0 in the full range that JPEG has, by libv4lconvert.
struct FrameConverter: ~Copyable {
    private let converter: OpaquePointer
    private let source: v4l2_format
    private let range: SampleRange
    /// Nil for compressed layouts: there the library finds out.
    private let layout: FrameLayout?

    /// `device` must outlive it.
    init(device: borrowing V4L2Device, from format: FrameFormat) throws(Errno) {
        try self.init(descriptor: device.raw, operations: v4lconvert_get_default_dev_ops(), from: format)
    }

    /// `operations` are how the library asks the device for its quirks.
    init(descriptor: CInt, operations: UnsafePointer<libv4l_dev_ops>?, from format: FrameFormat) throws(Errno) {
        guard let converter = v4lconvert_create_with_dev_ops(descriptor, nil, operations) else { throw Errno(ENOMEM) }
        self.converter = converter
        layout = FrameLayout(
            format: format.pixelFormat, width: format.width, height: format.height, strides: format.strides)
        var plain = format
        plain.pixelFormat = format.pixelFormat.inOneBuffer
        var source = plain.request(V4L2_BUF_TYPE_VIDEO_CAPTURE)
        // Decoders of sensors' compressed pixels go by it without a look.
        source.fmt.pix.bytesperline = UInt32(layout?.planes[0].length ?? max(format.width, format.strides.first ?? 0))
        self.source = source
        range = SampleRange(
            format: format.pixelFormat, quantization: format.quantization, colourSpace: format.colourSpace)
    }

    deinit {
        v4lconvert_destroy(converter)
    }

    /// Nil when the frame, in its buffers, is too short or damaged.
    borrowing func convert(_ frame: [UnsafeMutableRawBufferPointer]) -> [UInt8]? {
        guard let layout else { return frame.count == 1 ? convert(frame[0]) : nil }
        guard layout.fits(frame) else { return nil }
        if layout.isPacked { return convert(frame[0]) }
        // The library reads one buffer, and in some layouts takes its rows to have no gaps.
        var packed = layout.pack(frame)
        return packed.withUnsafeMutableBytes { convert($0) }
    }

    private borrowing func convert(_ frame: UnsafeMutableRawBufferPointer) -> [UInt8]? {
        var source = source
        source.fmt.pix.sizeimage = UInt32(frame.count)
        var target = source
        target.fmt.pix.pixelformat = PixelFormat.yuv420.rawValue
        target.fmt.pix.bytesperline = target.fmt.pix.width
        let (width, height) = (Int(target.fmt.pix.width), Int(target.fmt.pix.height))
        let size = Image.yuv420Size(width: width, height: height)
        target.fmt.pix.sizeimage = UInt32(size)
        guard let start = frame.baseAddress?.assumingMemoryBound(to: UInt8.self), !frame.isEmpty else { return nil }
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
