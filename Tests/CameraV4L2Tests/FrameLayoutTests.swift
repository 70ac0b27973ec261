import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Frame layout")
struct FrameLayoutTests {
    private func layout(
        _ format: PixelFormat, _ width: Int = 6, _ height: Int = 4, strides: [Int] = [0]
    ) throws -> FrameLayout {
        try #require(FrameLayout(format: format, width: width, height: height, strides: strides))
    }

    @Test("a driver that says nothing of its rows has them without gaps")
    func packed() throws {
        for format in [PixelFormat.yuv420, .nv12, .yuyv, .grey, PixelFormat("RGB3"), PixelFormat("M420")] {
            #expect(try layout(format).isPacked, "\(format)")
        }
        #expect(try layout(.yuv420).planes.map(\.end) == [24, 30, 36])
        #expect(try layout(.nv12).planes.map(\.end) == [24, 36])
        #expect(try layout(PixelFormat("NV16")).planes.map(\.end) == [24, 48])
        #expect(try layout(PixelFormat("RGB3")).planes.map(\.end) == [72])
    }

    @Test("in a buffer of several planes, gaps follow the rows of each as wide as its rows are")
    func padded() throws {
        let planar = try layout(.yuv420, strides: [8])
        #expect(planar.planes.map(\.stride) == [8, 4, 4])
        #expect(planar.planes.map(\.offset) == [0, 32, 40])
        #expect(planar.planes.last?.end == 47)
        let pairs = try layout(.nv12, strides: [8])
        #expect(pairs.planes.map(\.stride) == [8, 8])
        #expect(!pairs.isPacked)
    }

    @Test("odd sizes round their colours up")
    func odd() throws {
        #expect(try layout(.yuv420, 5, 3).planes.map(\.end) == [15, 21, 27])
        #expect(try layout(.nv12, 5, 3).planes.map(\.end) == [15, 27])
    }

    @Test("buffers that are not those of the layout are refused, as are layouts without rows")
    func none() {
        #expect(FrameLayout(format: .nv12, width: 6, height: 4, strides: [6, 6, 6]) == nil)
        #expect(FrameLayout(format: .nv12, width: 6, height: 4, strides: []) == nil)
        #expect(FrameLayout(format: .nv12, width: 0, height: 4, strides: [6]) == nil)
        #expect(FrameLayout(format: .mjpeg, width: 6, height: 4, strides: [0]) == nil)
    }
}
