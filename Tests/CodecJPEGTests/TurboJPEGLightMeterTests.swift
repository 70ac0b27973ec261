import NodeMedia
import Testing

@testable import CodecJPEG

@Suite("TurboJPEG light meter")
struct TurboJPEGLightMeterTests {
    @Test("half at 200 and half at 50 is 125")
    func mean() throws {
        let camera = try SamplePicture.jpeg(SamplePicture.image(width: 640, height: 480))
        let luminance = try #require(camera.bytes.withUnsafeBytes { TurboJPEGLightMeter().meanLuminance(jpeg: $0) })
        #expect(abs(luminance - 125) < 2)
    }

    @Test("what is no picture has no light", arguments: [[], [0xFF, 0xD8], [1, 2, 3, 4]] as [[UInt8]])
    func none(bytes: [UInt8]) {
        #expect(bytes.withUnsafeBytes { TurboJPEGLightMeter().meanLuminance(jpeg: $0) } == nil)
    }
}
