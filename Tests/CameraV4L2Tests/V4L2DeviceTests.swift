import CV4L2
import Testing

@testable import CameraV4L2

@Suite("V4L2 device")
struct V4L2DeviceTests {
    @Test(
        "a rate is the interval's inverse, to hundredths; what no camera can do is no rate",
        arguments: [
            (1, 30, 30), (1_001, 30_000, 29.97), (333_333, 10_000_000, 30), (2, 1, 0.5), (1, 1_000, 1_000),
            (1, 10_000_000, 0), (0, 30, 0), (0, 0, 0), (1, UInt32.max, 0), (UInt32.max, 1, 0),
        ] as [(UInt32, UInt32, Double)])
    func rate(numerator: UInt32, denominator: UInt32, framesPerSecond: Double) {
        let interval = v4l2_fract(numerator: numerator, denominator: denominator)
        #expect(V4L2Device.rate(of: interval) == framesPerSecond)
    }
}
