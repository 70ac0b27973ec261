import CV4L2
import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Sample range")
struct SampleRangeTests {
    @Test("video range becomes full range: black is 0, white 255, grey stays without colour, the rest is clipped")
    func expand() {
        var samples: [UInt8] = [16, 235, 126, 0, 255, 128, 16, 240, 0, 255]
        samples.withUnsafeMutableBufferPointer { SampleRange.video.expand($0, lumaCount: 5) }
        #expect(samples == [0, 255, 128, 0, 255, 128, 1, 255, 0, 255])
    }

    @Test("full range stays as it is")
    func full() {
        var samples: [UInt8] = [16, 235, 128, 240]
        samples.withUnsafeMutableBufferPointer { SampleRange.full.expand($0, lumaCount: 2) }
        #expect(samples == [16, 235, 128, 240])
    }

    @Test(
        "the driver's word counts where samples are copied; computed ones are always video range",
        arguments: [
            (PixelFormat.yuyv, V4L2_QUANTIZATION_DEFAULT.rawValue, V4L2_COLORSPACE_SRGB.rawValue, SampleRange.video),
            (.yuyv, V4L2_QUANTIZATION_DEFAULT.rawValue, V4L2_COLORSPACE_JPEG.rawValue, .full),
            (.nv12, V4L2_QUANTIZATION_FULL_RANGE.rawValue, V4L2_COLORSPACE_SRGB.rawValue, .full),
            (.nv12, V4L2_QUANTIZATION_LIM_RANGE.rawValue, V4L2_COLORSPACE_JPEG.rawValue, .video),
            (.grey, V4L2_QUANTIZATION_DEFAULT.rawValue, V4L2_COLORSPACE_RAW.rawValue, .full),
            (PixelFormat("RGB3"), V4L2_QUANTIZATION_FULL_RANGE.rawValue, V4L2_COLORSPACE_SRGB.rawValue, .video),
        ])
    func choice(format: PixelFormat, quantization: UInt32, colourSpace: UInt32, range: SampleRange) {
        #expect(SampleRange(format: format, quantization: quantization, colourSpace: colourSpace) == range)
    }
}
