import CFramebuffer
import Testing

@testable import ScreenFramebuffer

@Suite("Framebuffers' layouts") struct FramebufferLayoutTests {
    private static func field(_ offset: UInt32, _ length: UInt32) -> fb_bitfield {
        fb_bitfield(offset: offset, length: length, msb_right: 0)
    }

    /// As drivers tell them: red, green and blue by offset and length.
    static func layout(
        _ width: UInt32, _ height: UInt32, bits: UInt32, row: UInt32, red: (UInt32, UInt32), green: (UInt32, UInt32),
        blue: (UInt32, UInt32), pan: (x: UInt32, y: UInt32) = (0, 0), visual: UInt32 = CN_FB_VISUAL_TRUECOLOR
    ) -> FramebufferLayout? {
        var (variable, fixed) = (fb_var_screeninfo(), fb_fix_screeninfo())
        variable.xres = width
        variable.yres = height
        variable.xoffset = pan.x
        variable.yoffset = pan.y
        variable.bits_per_pixel = bits
        variable.red = field(red.0, red.1)
        variable.green = field(green.0, green.1)
        variable.blue = field(blue.0, blue.1)
        fixed.line_length = row
        fixed.visual = visual
        return FramebufferLayout(variable, fixed)
    }

    @Test("32 bits as graphics drivers have them are taken as they are, without the gaps behind rows")
    func usual() throws {
        let layout = try #require(
            Self.layout(2, 2, bits: 32, row: 12, red: (16, 8), green: (8, 8), blue: (0, 8)))
        #expect(layout.size == 24)
        let rows: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0]
        #expect(layout.bgrx(rows) == Array(1...16))
    }

    @Test("colours in another order are put in ours") func order() throws {
        let layout = try #require(
            Self.layout(1, 1, bits: 32, row: 4, red: (0, 8), green: (8, 8), blue: (16, 8)))
        #expect(layout.bgrx([10, 20, 30, 99]) == [30, 20, 10, 0])
        let packed = try #require(
            Self.layout(2, 1, bits: 24, row: 6, red: (16, 8), green: (8, 8), blue: (0, 8)))
        #expect(packed.bgrx([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 0, 4, 5, 6, 0])
    }

    @Test(
        "16 bits become 24, white stays white and black black",
        arguments: [
            (0xFFFF, [255, 255, 255, 0]), (0x0000, [0, 0, 0, 0]), (0xF800, [0, 0, 255, 0]), (0x07E0, [0, 255, 0, 0]),
            (0x001F, [255, 0, 0, 0]), (0x8410, [131, 129, 131, 0]),
        ] as [(UInt16, [UInt8])])
    func sixteen(pixel: UInt16, bgrx: [UInt8]) throws {
        let layout = try #require(
            Self.layout(1, 1, bits: 16, row: 2, red: (11, 5), green: (5, 6), blue: (0, 5)))
        #expect(layout.bgrx([UInt8(pixel & 0xFF), UInt8(pixel >> 8)]) == bgrx)
    }

    @Test("ten bits a colour become eight") func ten() throws {
        let layout = try #require(
            Self.layout(1, 1, bits: 32, row: 4, red: (20, 10), green: (10, 10), blue: (0, 10)))
        #expect(layout.bgrx([0xFF, 0x03, 0xF0, 0x3F]) == [255, 0, 255, 0])
    }

    @Test("a console that has scrolled by panning begins further on") func panned() throws {
        let layout = try #require(
            Self.layout(
                1, 1, bits: 32, row: 8, red: (16, 8), green: (8, 8), blue: (0, 8), pan: (x: 1, y: 3)))
        #expect(layout.offset == 24 && layout.size == 8)
        #expect(layout.bgrx([0, 0, 0, 0, 1, 2, 3, 4]) == [1, 2, 3, 4])
    }

    @Test("what has no colours, or no room for its pixels, is none") func refused() {
        let eight: (UInt32, UInt32) = (0, 8)
        let none = [
            // A palette's; eight bits; rows shorter than their pixels; panned out of them; nothing to see; bits outside of the pixel.
            Self.layout(4, 4, bits: 32, row: 16, red: eight, green: eight, blue: eight, visual: 3),
            Self.layout(4, 4, bits: 8, row: 4, red: eight, green: eight, blue: eight),
            Self.layout(4, 4, bits: 32, row: 12, red: eight, green: eight, blue: eight),
            Self.layout(4, 4, bits: 32, row: 16, red: eight, green: eight, blue: eight, pan: (x: 1, y: 0)),
            Self.layout(0, 4, bits: 32, row: 16, red: eight, green: eight, blue: eight),
            Self.layout(
                .max, .max, bits: 32, row: .max, red: eight, green: eight, blue: eight, pan: (x: .max, y: .max)),
            Self.layout(4, 4, bits: 16, row: 16, red: (12, 8), green: eight, blue: eight),
            Self.layout(4, 4, bits: 32, row: 16, red: (0, 0), green: eight, blue: eight),
        ]
        #expect(none.allSatisfy { $0 == nil })
    }
}
