import CodecJPEG
import LinuxIO
import NodeMedia
import Testing

@testable import CameraPattern

@Suite("Test picture")
struct TestPictureTests {
    private func draw(frame: Int64 = 0, clock: String = "12:34:56.789") -> [UInt8] {
        TestPicture.draw(frame: frame, date: "2000-01-31", clock: clock)
    }

    @Test("the bars stand in their order, in all three planes")
    func bars() {
        let bytes = draw()
        #expect(bytes.count == 1280 * 720 * 3 / 2)
        for (index, colour) in TestPicture.bars.enumerated() {
            let column = index * 160 + 80
            #expect(bytes[100 * 1280 + column] == colour.y)
            #expect(bytes[1280 * 720 + 50 * 640 + column / 2] == colour.cb)
            #expect(bytes[1280 * 720 * 5 / 4 + 50 * 640 + column / 2] == colour.cr)
        }
        #expect(Set(TestPicture.bars.map(\.y)).count == 8)
    }

    @Test("the box is elsewhere in every frame, and always inside")
    func box() {
        for frame in [0, 1, 2, 149, 150, 151, 1_000_000_007] as [Int64] {
            let bytes = draw(frame: frame)
            let left = TestPicture.boxLeft(frame: frame)
            #expect(left != TestPicture.boxLeft(frame: frame + 1))
            #expect(left >= 0 && left + TestPicture.boxSide <= 1280)
            #expect(bytes[625 * 1280 + left + 5] == 255)
            #expect(bytes[660 * 1280 + left + 40] == 0)
        }
    }

    @Test("the clock shows: another time changes the characters that differ, and nothing else")
    func clock() {
        let (one, two) = (draw(clock: "12:34:56.789"), draw(clock: "12:34:56.780"))
        let changed = one.indices.filter { one[$0] != two[$0] }
        #expect(!changed.isEmpty)
        let columns = Set(changed.map { $0 % 1280 })
        // The last of twelve characters of 66 pixels each, around the middle.
        #expect(columns.allSatisfy { (970...1036).contains($0) })
        #expect(changed.allSatisfy { (300..<377).contains($0 / 1280) })
    }

    @Test("every character of a date and a clock has a glyph, and no two the same")
    func font() {
        let glyphs = "0123456789:.-".map { DotFont.rows(of: $0) }
        #expect(Set(glyphs).count == 13)
        #expect(glyphs.allSatisfy { $0.count == DotFont.height && $0.contains { $0 != 0 } })
    }

    @Test("it becomes a JPEG of its size")
    func jpeg() throws {
        let image = Image(width: 1280, height: 720, format: .yuv420, bytes: draw(), capturedAt: .now)
        let jpeg = try TurboJPEGEncoder().jpeg(image, maxWidth: 1600, quality: 0.9, byteLimit: 1 << 20)
        let structure = try JPEGStructure(jpeg.file.bytes())
        #expect((structure.width, structure.height) == (1280, 720))
        #expect(jpeg.file.size > 20_000)
    }
}
