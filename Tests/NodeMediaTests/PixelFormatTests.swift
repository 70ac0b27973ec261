import NodeMedia
import Testing

@Suite("Pixel format")
struct PixelFormatTests {
    @Test("the number is the kernel's, the text what people write")
    func text() {
        #expect(PixelFormat.mjpeg.rawValue == 0x4750_4A4D)
        #expect("\(PixelFormat.yuyv)" == "YUYV")
        #expect("\(PixelFormat("Y16 "))" == "Y16")
        #expect("\(PixelFormat(rawValue: 0x0102_4241))" == "AB..")
    }

    @Test("both spellings of separate JPEGs are JPEG")
    func jpeg() {
        #expect(PixelFormat.mjpeg.isJPEG && PixelFormat.jpeg.isJPEG && !PixelFormat.nv12.isJPEG)
    }
}
