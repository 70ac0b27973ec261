import CTurboJPEG
import NodeMedia
import Testing

@testable import CodecJPEG

@Suite("Pictures of screens")
struct ScreenPictureTests {
    /// Columns that are red and blue in turn, as letters on a ground of another colour are.
    private static func stripes(width: Int, height: Int) -> Image {
        let bytes = (0..<width * height).flatMap { pixel -> [UInt8] in
            pixel % width % 2 == 0 ? [0, 0, 255, 7] : [255, 0, 0, 9]
        }
        return Image(width: width, height: height, format: .bgrx, bytes: bytes, capturedAt: .now)
    }

    @Test("a JPEG keeps the colours of single pixels") func colours() throws {
        let jpeg = try TurboJPEGEncoder().jpeg(
            Self.stripes(width: 33, height: 17), maxWidth: 1_600, quality: 1, byteLimit: 1 << 20)
        #expect((jpeg.width, jpeg.height) == (33, 17))
        let bytes = try jpeg.file.bytes()
        let picture = try bytes.withUnsafeBytes { try JPEGDecoder().decode($0, covering: 33) }
        #expect(picture.subsampling == CInt(TJSAMP_444.rawValue))
        // Red has much of the third plane, blue little.
        let red = picture.planes[2].bytes
        #expect(red[0] > 200 && red[1] < 130 && red[2] > 200)
    }

    @Test("one that is reduced keeps its shape") func reduced() throws {
        let jpeg = try TurboJPEGEncoder().jpeg(
            Self.stripes(width: 200, height: 100), maxWidth: 50, quality: 0.7, byteLimit: 1 << 20)
        #expect((jpeg.width, jpeg.height) == (50, 25))
    }

    @Test(
        "for a clip it becomes planar, and is cut or reduced to even sides",
        arguments: [(64, 48, 64, 48), (65, 49, 64, 48), (65, 49, 32, 24)])
    func planar(width: Int, height: Int, newWidth: Int, newHeight: Int) throws {
        // Grey, so that every sample is known.
        let image = Image(
            width: width, height: height, format: .bgrx, bytes: [UInt8](repeating: 90, count: 4 * width * height),
            capturedAt: .now)
        let planar = try TurboJPEGConverter().yuv420(image, width: newWidth, height: newHeight)
        let count = newWidth * newHeight
        #expect(planar.format == .yuv420 && planar.capturedAt == image.capturedAt)
        #expect(planar.bytes == [UInt8](repeating: 90, count: count) + [UInt8](repeating: 128, count: count / 2))
    }

    @Test("fewer bytes than pixels are no picture") func short() {
        let image = Image(width: 4, height: 4, format: .bgrx, bytes: [0, 0, 0], capturedAt: .now)
        #expect(throws: MediaError.self) { try TurboJPEGConverter().yuv420(image, width: 4, height: 4) }
        #expect(throws: MediaError.self) {
            try TurboJPEGEncoder().jpeg(image, maxWidth: 4, quality: 1, byteLimit: 100)
        }
    }
}
