import CV4L2
import NodeMedia

/// Which sample values mean black and white in what libv4lconvert gives.
enum SampleRange: Equatable {
    case full
    /// 16 to 235, colours to 240, as video has it.
    case video

    /// From what a driver says of its pixels (V4L2's `quantization` and `colorspace`).
    init(format: PixelFormat, quantization: UInt32, colourSpace: UInt32) {
        if Self.copied.contains(format.inOneBuffer) {
            let isFullByDefault = colourSpace == V4L2_COLORSPACE_JPEG.rawValue || format == .grey
            self =
                switch quantization {
                case V4L2_QUANTIZATION_FULL_RANGE.rawValue: .full
                case V4L2_QUANTIZATION_LIM_RANGE.rawValue: .video
                default: isFullByDefault ? .full : .video
                }
        } else {
            // libv4lconvert computes the samples itself, from full-range colours, and gives video range.
            self = .video
        }
    }

    /// Layouts of luminance and colour: their samples are moved, not computed.
    private static let copied: Set<PixelFormat> = [
        .yuv420, .nv12, .yuyv, .grey, PixelFormat("YV12"), PixelFormat("UYVY"),
        PixelFormat("YVYU"),
        PixelFormat("NV16"), PixelFormat("NV61"), PixelFormat("M420"), PixelFormat("Y16 "),
        PixelFormat("PJPG"),
    ]

    /// Brings planar samples to full range; the first `lumaCount` are luminance.
    func expand(_ samples: UnsafeMutableBufferPointer<UInt8>, lumaCount: Int) {
        guard self == .video else { return }
        Self.luma.withUnsafeBufferPointer { table in
            for index in 0..<lumaCount { samples[index] = table[Int(samples[index])] }
        }
        Self.colour.withUnsafeBufferPointer { table in
            for index in lumaCount..<samples.count { samples[index] = table[Int(samples[index])] }
        }
    }

    private static let luma = table { (Double($0) - 16) * 255 / 219 }
    private static let colour = table { (Double($0) - 128) * 255 / 224 + 128 }

    private static func table(_ value: (Int) -> Double) -> [UInt8] {
        (0...255).map { UInt8(min(max(value($0).rounded(), 0), 255)) }
    }
}
