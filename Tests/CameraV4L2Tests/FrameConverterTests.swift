import CV4L2
import Glibc
import LinuxIO
import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Frame converter")
struct FrameConverterTests {
    private let width = 64
    private let height = 32

    private func converted(_ format: PixelFormat, _ bytes: [UInt8], stride: Int = 0) throws -> [UInt8]? {
        var source = v4l2_format()
        source.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        source.fmt.pix.width = UInt32(width)
        source.fmt.pix.height = UInt32(height)
        source.fmt.pix.pixelformat = format.rawValue
        source.fmt.pix.bytesperline = UInt32(stride)
        source.fmt.pix.sizeimage = UInt32(bytes.count)
        // A device that says what it is and knows nothing more.
        var operations = libv4l_dev_ops()
        operations.ioctl = { _, _, request, _ in request == CN_VIDIOC_QUERYCAP ? 0 : -1 }
        let converter = try withUnsafePointer(to: &operations) { operations throws(Errno) in
            try FrameConverter(descriptor: -1, operations: operations, from: source)
        }
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { converter.convert($0) }
    }

    /// Video range: a left half of `left` and a right one of `right`, colours without and with red.
    private func expect(_ planes: [UInt8]?, _ format: PixelFormat) throws {
        let planes = try #require(planes, "\(format)")
        #expect(planes.count == width * height * 3 / 2)
        func luma(_ x: Int, _ y: Int) -> UInt8 { planes[y * width + x] }
        func red(_ x: Int, _ y: Int) -> UInt8 { planes[width * height * 5 / 4 + y / 2 * width / 2 + x / 2] }
        #expect(luma(4, 4) == 255 && luma(60, 4) == 0, "\(format)")
        #expect(red(4, 4) == 128 && red(60, 4) == 255, "\(format)")
    }

    private func luma(_ x: Int) -> UInt8 { x < width / 2 ? 235 : 16 }
    private func red(_ x: Int) -> UInt8 { x < width / 2 ? 128 : 240 }

    /// `rows` times the bytes that `piece` gives for each of `columns`.
    private func frame(_ rows: Int, _ columns: Int, _ piece: (Int) -> [UInt8]) -> [UInt8] {
        let row = (0..<columns).flatMap(piece)
        return (0..<rows).flatMap { _ in row }
    }

    @Test("YUYV and its relatives become planar 4:2:0 in full range")
    func packed() throws {
        let yuyv = frame(height, width / 2) { pair in [luma(2 * pair), 128, luma(2 * pair + 1), red(2 * pair)] }
        try expect(converted(.yuyv, yuyv, stride: width * 2), .yuyv)
        let uyvy = frame(height, width / 2) { pair in [128, luma(2 * pair), red(2 * pair), luma(2 * pair + 1)] }
        try expect(converted(PixelFormat("UYVY"), uyvy, stride: width * 2), PixelFormat("UYVY"))
    }

    @Test("NV12 and planar 4:2:0 too")
    func planar() throws {
        let lumas = frame(height, width) { [luma($0)] }
        let pairs = frame(height / 2, width / 2) { [128, red(2 * $0)] }
        try expect(converted(.nv12, lumas + pairs, stride: width), .nv12)
        let blues = [UInt8](repeating: 128, count: width * height / 4)
        let reds = frame(height / 2, width / 2) { [red(2 * $0)] }
        try expect(converted(.yuv420, lumas + blues + reds, stride: width), .yuv420)
    }

    @Test("white and black in RGB are white and black")
    func rgb() throws {
        let rgb = frame(height, width) { [UInt8](repeating: $0 < width / 2 ? 255 : 0, count: 3) }
        let planes = try #require(try converted(PixelFormat("RGB3"), rgb, stride: width * 3))
        #expect(planes[4] >= 254 && planes[60] <= 1)
    }

    @Test(
        "every layout that is said to be convertible is",
        arguments: [
            PixelFormat.yuv420, .nv12, .yuyv, .grey, PixelFormat("YV12"), PixelFormat("UYVY"),
            PixelFormat("YVYU"), PixelFormat("NV16"), PixelFormat("NV61"), PixelFormat("RGB3"),
            PixelFormat("BGR3"), PixelFormat("RGBP"), PixelFormat("Y16 "), PixelFormat("BA81"), PixelFormat("GBRG"),
            PixelFormat("GRBG"), PixelFormat("RGGB"), PixelFormat("M420"),
        ])
    func all(format: PixelFormat) throws {
        #expect(PixelFormat.convertible.contains(format))
        let bytes = [UInt8](repeating: 100, count: width * height * 3)
        let planes = try #require(try converted(format, bytes), "\(format)")
        #expect(planes.count == width * height * 3 / 2)
    }

    @Test("a frame that is too short gives none, also for rows longer than the picture is wide")
    func short() throws {
        #expect(try converted(.nv12, [UInt8](repeating: 16, count: width * height * 3 / 2), stride: 4096) == nil)
        #expect(try converted(.yuyv, [UInt8](repeating: 16, count: 100), stride: width * 2) == nil)
        #expect(try converted(.yuyv, [], stride: width * 2) == nil)
    }
}
