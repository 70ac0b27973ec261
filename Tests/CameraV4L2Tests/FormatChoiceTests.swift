import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Format choice")
struct FormatChoiceTests {
    private static func mode(_ format: PixelFormat, _ width: Int, _ height: Int, _ rate: Double) -> CaptureMode {
        CaptureMode(format: format, width: width, height: height, framesPerSecond: rate)
    }

    /// A usual USB camera: JPEG at full rate in all sizes, raw slowing down with the size.
    private static let webcam = [
        mode(.yuyv, 640, 480, 30), mode(.yuyv, 1280, 720, 10), mode(.yuyv, 1920, 1080, 5), mode(.mjpeg, 640, 480, 30),
        mode(.mjpeg, 640, 360, 30), mode(.mjpeg, 1280, 720, 30), mode(.mjpeg, 1280, 960, 15),
        mode(.mjpeg, 1920, 1080, 30), mode(.mjpeg, 3840, 2160, 15),
    ]

    @Test(
        "of JPEG sizes the smallest that covers the width, else the widest; of equal widths the faster, then the taller",
        arguments: [
            (1600, 1920, 1080), (1920, 1920, 1080), (1921, 3840, 2160), (9999, 3840, 2160), (1280, 1280, 720),
            (641, 1280, 720), (640, 640, 480), (2, 640, 480),
        ])
    func webcam(width: Int, expectedWidth: Int, expectedHeight: Int) throws {
        let mode = try #require(FormatChoice(modes: Self.webcam).mode(covering: width))
        #expect(mode.format == .mjpeg)
        #expect((mode.width, mode.height) == (expectedWidth, expectedHeight))
    }

    @Test(
        "raw layouts are taken in the order of what they cost",
        arguments: [
            ([mode(.yuyv, 640, 480, 30), mode(.nv12, 640, 480, 30)], PixelFormat.nv12),
            ([mode(.yuyv, 640, 480, 30), mode(.nv12, 640, 480, 15)], .yuyv),
            ([mode(PixelFormat("RGGB"), 640, 480, 30), mode(PixelFormat("UYVY"), 640, 480, 30)], PixelFormat("UYVY")),
            ([mode(.yuv420, 640, 480, 30), mode(.nv12, 1280, 720, 30)], .nv12),
            ([mode(PixelFormat("JPEG"), 640, 480, 30), mode(.yuyv, 640, 480, 30)], .jpeg),
        ])
    func raw(modes: [CaptureMode], format: PixelFormat) {
        #expect(FormatChoice(modes: modes).mode(covering: 1600)?.format == format)
    }

    @Test("a raw layout that is larger than any JPEG wins, unless it is a slide show")
    func rawOverJPEG() {
        let small = Self.mode(.mjpeg, 640, 480, 30)
        let fast = Self.mode(.yuyv, 1920, 1080, 5)
        let slow = Self.mode(.yuyv, 1920, 1080, 2)
        #expect(FormatChoice(modes: [small, fast]).mode(covering: 1600) == fast)
        #expect(FormatChoice(modes: [small, slow]).mode(covering: 1600) == small)
        #expect(FormatChoice(modes: [small, fast]).mode(covering: 640) == small)
    }

    @Test("a camera that is only slow is used as it is")
    func onlySlow() {
        let slow = Self.mode(.yuyv, 3840, 2160, 1)
        #expect(FormatChoice(modes: [slow]).mode(covering: 1600) == slow)
    }

    @Test("a slow raw size gives way to a faster smaller one")
    func slowGivesWay() {
        let slow = Self.mode(.yuyv, 1920, 1080, 2.5)
        let fast = Self.mode(.yuyv, 1280, 720, 10)
        #expect(FormatChoice(modes: [slow, fast]).mode(covering: 1600) == fast)
    }

    @Test("what nobody can read is not chosen")
    func unreadable() {
        #expect(FormatChoice(modes: [Self.mode(PixelFormat("H264"), 1920, 1080, 30)]).mode(covering: 1600) == nil)
        #expect(FormatChoice(modes: []).mode(covering: 1600) == nil)
    }

    @Test("the list has JPEG first and what cannot be read last, sizes in the device's order, and never more than 64")
    func listed() {
        let modes = [
            Self.mode(PixelFormat("H264"), 1920, 1080, 30), Self.mode(.yuyv, 640, 480, 30),
            Self.mode(.yuyv, 320, 240, 30),
            Self.mode(.mjpeg, 640, 480, 30), Self.mode(.nv12, 640, 480, 30),
        ]
        #expect(FormatChoice(modes: modes).listed == [modes[3], modes[4], modes[1], modes[2], modes[0]])
        let many = (1...100).map { Self.mode(.yuyv, $0, $0, 1) } + modes
        let listed = FormatChoice(modes: many).listed
        #expect(listed.count == 64)
        #expect(listed.first == modes[3])
    }

    private static let films: [(modes: [CaptureMode], expected: CaptureMode)] = [
        (webcam, mode(.mjpeg, 1280, 720, 30)),
        // No 720p.
        ([mode(.mjpeg, 1920, 1080, 30), mode(.mjpeg, 320, 240, 30)], mode(.mjpeg, 1920, 1080, 30)),
        ([mode(.mjpeg, 1920, 1080, 30), mode(.mjpeg, 1280, 960, 30)], mode(.mjpeg, 1280, 960, 30)),
        // Of equal sizes the faster, as far as it counts.
        ([mode(.mjpeg, 1280, 720, 15), mode(.mjpeg, 1280, 720, 30)], mode(.mjpeg, 1280, 720, 30)),
        ([mode(.mjpeg, 1280, 720, 60), mode(.mjpeg, 1280, 720, 30)], mode(.mjpeg, 1280, 720, 60)),
        ([mode(.mjpeg, 1280, 720, 5), mode(.mjpeg, 640, 480, 30)], mode(.mjpeg, 640, 480, 30)),
        // Encoded by the camera, raw beside it.
        ([mode(.yuyv, 640, 480, 30), mode(.h264, 1920, 1080, 30)], mode(.h264, 1920, 1080, 30)),
        ([mode(.mjpeg, 1280, 720, 30), mode(.h264, 1280, 720, 30)], mode(.mjpeg, 1280, 720, 30)),
        ([mode(.mjpeg, 160, 120, 30), mode(.h264, 1280, 720, 30)], mode(.h264, 1280, 720, 30)),
        ([mode(.h264, 1280, 720, 0)], mode(.h264, 1280, 720, 0)),
        // Raw: smooth rather than large, and the cheaper layout.
        ([mode(.yuyv, 1280, 720, 10), mode(.yuyv, 640, 480, 30)], mode(.yuyv, 640, 480, 30)),
        ([mode(.yuyv, 640, 480, 30), mode(.nv12, 640, 480, 30)], mode(.nv12, 640, 480, 30)),
        // Nothing is smooth.
        ([mode(.yuyv, 1280, 720, 5), mode(.mjpeg, 640, 480, 5)], mode(.yuyv, 1280, 720, 5)),
    ]

    @Test(
        "film is JPEG next to 1280×720, or what the camera encodes, or whatever moves smoothly",
        arguments: films)
    func film(modes: [CaptureMode], expected: CaptureMode) {
        #expect(FormatChoice(modes: modes).film == expected)
    }

    @Test("what cannot be read cannot be filmed") func nothing() {
        #expect(FormatChoice(modes: [Self.mode(PixelFormat("pBAA"), 640, 480, 30)]).film == nil)
        #expect(FormatChoice(modes: [Self.mode(.h264, 640, 480, 30)]).mode(covering: 640) == nil)
    }
}
