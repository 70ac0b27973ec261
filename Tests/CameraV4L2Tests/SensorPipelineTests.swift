import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Parts of sensor pipelines")
struct SensorPipelineTests {
    /// What a Raspberry Pi's receiver offers of an imx219.
    private static let raw: [PixelFormat] = ["RGGB", "pRAA", "RG10"].map { PixelFormat(rawValue: code($0)) }

    private static func code(_ text: String) -> UInt32 {
        text.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    @Test(
        "a Raspberry Pi's image processors, codecs and receivers of raw frames are no cameras",
        arguments: ["bcm2835-isp", "bcm2835-codec", "pispbe", "rp1-cfe", "rpi-hevc-dec", "rpivid", "unicam"])
    func parts(driver: String) {
        #expect(SensorPipeline.isPart(driver: driver, offering: Self.raw))
    }

    @Test("webcams are cameras whatever they offer, and so is a receiver with an HDMI converter before it")
    func cameras() {
        #expect(!SensorPipeline.isPart(driver: "uvcvideo", offering: Self.raw))
        #expect(!SensorPipeline.isPart(driver: "bcm2835 mmal", offering: [.mjpeg]))
        #expect(!SensorPipeline.isPart(driver: "unicam", offering: [PixelFormat("UYVY"), PixelFormat("RGB3")]))
    }
}
