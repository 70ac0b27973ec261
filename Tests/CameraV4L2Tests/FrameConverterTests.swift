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
        try converted(format, buffers: [bytes], strides: [stride])
    }

    private func converted(_ format: PixelFormat, buffers: [[UInt8]], strides: [Int]) throws -> [UInt8]? {
        let source = FrameFormat(pixelFormat: format, width: width, height: height, strides: strides)
        // A device that says what it is and knows nothing more.
        var operations = libv4l_dev_ops()
        operations.ioctl = { _, _, request, _ in request == CN_VIDIOC_QUERYCAP ? 0 : -1 }
        let converter = try withUnsafePointer(to: &operations) { operations throws(Errno) in
            try FrameConverter(descriptor: -1, operations: operations, from: source)
        }
        let frame = buffers.map { bytes in
            // As a driver's buffer, larger than what is in it.
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(bytes.count, 4 * width * height), alignment: 16)
            copy.initializeMemory(as: UInt8.self, repeating: 0)
            copy.copyBytes(from: bytes)
            return copy
        }
        defer { for buffer in frame { buffer.deallocate() } }
        return converter.convert(
            zip(frame, buffers).map { UnsafeMutableRawBufferPointer(rebasing: $0.prefix($1.count)) })
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

    private static let inRows = PixelFormat.convertible.filter { $0.planes(width: 64, height: 32) != nil }

    @Test(
        "every layout that has rows, and each of no more than twelve bits, is converted",
        arguments: inRows)
    func all(format: PixelFormat) throws {
        let shapes = try #require(format.planes(width: width, height: height))
        let buffers = shapes.map { [UInt8](repeating: 100, count: $0.length * $0.rows) }
        let planes = try #require(try converted(format, [UInt8](buffers.joined())), "\(format)")
        #expect(planes.count == width * height * 3 / 2)
        let apart = try converted(format, buffers: buffers, strides: shapes.map(\.length))
        #expect(apart == planes, "\(format)")
        #expect(try converted(format, [UInt8](buffers.joined().dropLast())) == nil, "\(format)")
    }

    @Test("planes in buffers of their own, with gaps after their rows, become one picture")
    func apart() throws {
        let gap = [UInt8](repeating: 77, count: 16)
        func padded(_ rows: Int, _ columns: Int, _ piece: (Int) -> [UInt8]) -> [UInt8] {
            (0..<rows).flatMap { _ in (0..<columns).flatMap(piece) + gap }
        }
        let lumas = padded(height, width) { [luma($0)] }
        let pairs = padded(height / 2, width / 2) { [128, red(2 * $0)] }
        try expect(converted(PixelFormat("NM12"), buffers: [lumas, pairs], strides: [80, 80]), PixelFormat("NM12"))
        try expect(converted(.nv12, lumas + pairs, stride: 80), .nv12)
        let blues = padded(height / 2, width / 2) { _ in [128] }
        let reds = padded(height / 2, width / 2) { [red(2 * $0)] }
        try expect(
            converted(PixelFormat("YM12"), buffers: [lumas, blues, reds], strides: [80, 48, 48]), PixelFormat("YM12"))
        #expect(try converted(PixelFormat("YM12"), buffers: [lumas, blues], strides: [80, 48]) == nil)
        #expect(try converted(PixelFormat("NM12"), buffers: [lumas], strides: [80, 80]) == nil)
    }

    @Test("compressed frames of noise give no picture, and nothing is damaged by trying")
    func noise() throws {
        for format in PixelFormat.convertible where format.planes(width: width, height: height) == nil {
            for length in [1, 63, 64, 1000, width * height] {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 89 ^ $0 >> 3) }
                let picture = try converted(format, bytes)
                #expect(picture == nil || picture?.count == width * height * 3 / 2)
            }
        }
    }

    @Test("a frame that is too short gives none, also for rows longer than the picture is wide")
    func short() throws {
        #expect(try converted(.nv12, [UInt8](repeating: 16, count: width * height * 3 / 2), stride: 4096) == nil)
        #expect(try converted(.yuyv, [UInt8](repeating: 16, count: 100), stride: width * 2) == nil)
        #expect(try converted(.yuyv, [], stride: width * 2) == nil)
    }
}
