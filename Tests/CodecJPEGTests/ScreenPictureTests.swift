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
        var last: Image?
        let planar = try TurboJPEGConverter().yuv420(image, width: newWidth, height: newHeight, after: &last)
        let count = newWidth * newHeight
        #expect(planar.format == .yuv420 && planar.capturedAt == image.capturedAt)
        #expect(planar.bytes == [UInt8](repeating: 90, count: count) + [UInt8](repeating: 128, count: count / 2))
    }

    /// Rows of any colours.
    private static func noise(_ rows: Range<Int>, of image: inout [UInt8], width: Int) {
        for at in 4 * width * rows.lowerBound..<4 * width * rows.upperBound { image[at] = .random(in: 0...255) }
    }

    @Test(
        "of a picture that changed in part the rest is as it was",
        arguments: [0..<1, 7..<8, 7..<12, 40..<49, 48..<49, 0..<49, 20..<20])
    func changed(rows: Range<Int>) throws {
        let (width, height) = (65, 49)
        func planar(_ bytes: [UInt8], _ rows: Range<Int>? = nil, after last: Image? = nil) throws -> Image {
            var last = last
            var image = Image(width: width, height: height, format: .bgrx, bytes: bytes, capturedAt: .now)
            image.changedRows = rows
            return try TurboJPEGConverter().yuv420(image, width: 64, height: 48, after: &last)
        }
        var bytes = [UInt8](repeating: 0, count: 4 * width * height)
        Self.noise(0..<height, of: &bytes, width: width)
        let last = try planar(bytes)
        Self.noise(rows, of: &bytes, width: width)
        let isWhole = try planar(bytes, rows, after: last).bytes == planar(bytes).bytes
        #expect(isWhole)
        // What is said to be as before is not looked at again.
        let black = try planar([UInt8](repeating: 0, count: bytes.count), rows, after: last).bytes
        let luminance = zip(black.prefix(64 * 48), last.bytes).enumerated().filter { $0.element.0 != $0.element.1 }
        #expect(luminance.allSatisfy { (rows.lowerBound & ~1..<(rows.upperBound + 1) & ~1).contains($0.offset / 64) })
    }

    @Test("fewer bytes than pixels are no picture") func short() {
        let image = Image(width: 4, height: 4, format: .bgrx, bytes: [0, 0, 0], capturedAt: .now)
        var last: Image?
        #expect(throws: MediaError.self) { try TurboJPEGConverter().yuv420(image, width: 4, height: 4, after: &last) }
        #expect(throws: MediaError.self) {
            try TurboJPEGEncoder().jpeg(image, maxWidth: 4, quality: 1, byteLimit: 100)
        }
    }
}
