import CV4L2
import NodeMedia

/// What a device delivers, in one form for both of the kernel's: a frame in one buffer, or in several (`…_MPLANE`).
struct FrameFormat: Equatable {
    var pixelFormat: PixelFormat
    var width: Int
    var height: Int
    /// Bytes from one row to the next, for each buffer; 0 where the driver does not say.
    var strides: [Int] = [0]
    /// V4L2's `quantization` and `colorspace`.
    var quantization: UInt32 = 0
    var colourSpace: UInt32 = 0
}

extension FrameFormat {
    init(_ format: v4l2_format) {
        guard format.type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue else {
            let pixels = format.fmt.pix
            self.init(
                pixelFormat: PixelFormat(rawValue: pixels.pixelformat), width: Int(pixels.width),
                height: Int(pixels.height), strides: [Int(pixels.bytesperline)], quantization: pixels.quantization,
                colourSpace: pixels.colorspace)
            return
        }
        let pixels = format.fmt.pix_mp
        let strides = withUnsafeBytes(of: pixels.plane_fmt) { planes in
            planes.bindMemory(to: v4l2_plane_pix_format.self).prefix(Int(pixels.num_planes)).map {
                Int($0.bytesperline)
            }
        }
        self.init(
            pixelFormat: PixelFormat(rawValue: pixels.pixelformat), width: Int(pixels.width),
            height: Int(pixels.height), strides: strides, quantization: UInt32(pixels.quantization),
            colourSpace: pixels.colorspace)
    }

    /// For asking a device to deliver it, by its buffers' `type`.
    func request(_ type: v4l2_buf_type) -> v4l2_format {
        var format = v4l2_format()
        format.type = type.rawValue
        if type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE {
            format.fmt.pix_mp.pixelformat = pixelFormat.rawValue
            format.fmt.pix_mp.width = UInt32(width)
            format.fmt.pix_mp.height = UInt32(height)
            format.fmt.pix_mp.field = V4L2_FIELD_ANY.rawValue
        } else {
            format.fmt.pix.pixelformat = pixelFormat.rawValue
            format.fmt.pix.width = UInt32(width)
            format.fmt.pix.height = UInt32(height)
            format.fmt.pix.field = V4L2_FIELD_ANY.rawValue
        }
        return format
    }
}
