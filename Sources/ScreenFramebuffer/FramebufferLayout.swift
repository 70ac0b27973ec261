import CFramebuffer

/// Where in a framebuffer's memory the picture lies, and what its pixels are made of (linux/fb.h).
struct FramebufferLayout: Equatable, Sendable {
    /// A colour's bits in a pixel, from the lowest.
    struct Channel: Equatable, Sendable {
        let offset: Int
        let length: Int

        init(_ field: fb_bitfield) {
            offset = Int(field.offset)
            length = Int(field.length)
        }

        /// As a byte: the highest value becomes 255.
        func byte(of pixel: UInt32) -> UInt8 {
            let highest = UInt32(1) << length - 1
            return UInt8((pixel >> UInt32(offset) & highest) * 255 / highest)
        }
    }

    let width: Int
    let height: Int
    let bytesPerPixel: Int
    let bytesPerRow: Int
    let blue: Channel
    let green: Channel
    let red: Channel
    /// Where the first row that is shown begins: consoles scroll by moving it.
    let offset: Int
    /// Of the first pixel in its row.
    private let indent: Int

    /// Nil for what has no colours in its pixels, or what no screen can be.
    init?(_ variable: fb_var_screeninfo, _ fixed: fb_fix_screeninfo) {
        let (bits, row) = (Int(variable.bits_per_pixel), Int(fixed.line_length))
        let channels = [variable.blue, variable.green, variable.red]
        guard fixed.type == CN_FB_TYPE_PACKED_PIXELS,
            [CN_FB_VISUAL_TRUECOLOR, CN_FB_VISUAL_DIRECTCOLOR].contains(fixed.visual),
            variable.nonstd == 0, [16, 24, 32].contains(bits),
            (1...Self.longest).contains(Int(variable.xres)), (1...Self.longest).contains(Int(variable.yres)),
            // What is panned to is memory, too.
            Int(variable.xoffset) <= Self.farthest, Int(variable.yoffset) <= Self.farthest,
            (Int(variable.xoffset) + Int(variable.xres)) * bits / 8 <= row,
            channels.allSatisfy({ channel in
                channel.msb_right == 0 && (1...10).contains(Int(channel.length))
                    && Int(channel.offset) + Int(channel.length) <= bits
            })
        else { return nil }
        width = Int(variable.xres)
        height = Int(variable.yres)
        bytesPerPixel = bits / 8
        bytesPerRow = row
        (blue, green, red) = (Channel(channels[0]), Channel(channels[1]), Channel(channels[2]))
        offset = Int(variable.yoffset) * row
        indent = Int(variable.xoffset) * bits / 8
    }

    private static let longest = 16_384
    private static let farthest = 1 << 20

    /// Of all rows that are shown, in memory.
    var size: Int { height * bytesPerRow }

    /// `rows`, of that size, as `PixelFormat.bgrx` without gaps.
    func bgrx(_ rows: [UInt8]) -> [UInt8] {
        precondition(rows.count == size, "rows of another layout")
        return [UInt8](unsafeUninitializedCapacity: 4 * width * height) { picture, count in
            rows.withUnsafeBytes { rows in
                for y in 0..<height {
                    let row = UnsafeRawBufferPointer(rebasing: rows[(y * bytesPerRow + indent)...])
                    let line = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(picture)[(4 * width * y)..<(4 * width * (y + 1))])
                    convert(row, to: line)
                }
            }
            count = 4 * width * height
        }
    }

    private func convert(_ row: UnsafeRawBufferPointer, to line: UnsafeMutableRawBufferPointer) {
        if isBGRX {
            line.copyMemory(from: UnsafeRawBufferPointer(rebasing: row[..<line.count]))
            return
        }
        for x in 0..<width {
            var pixel: UInt32 = 0
            for index in 0..<bytesPerPixel { pixel |= UInt32(row[x * bytesPerPixel + index]) << UInt32(8 * index) }
            line[4 * x] = blue.byte(of: pixel)
            line[4 * x + 1] = green.byte(of: pixel)
            line[4 * x + 2] = red.byte(of: pixel)
            line[4 * x + 3] = 0
        }
    }

    private var isBGRX: Bool {
        bytesPerPixel == 4 && [blue, green, red].allSatisfy { $0.length == 8 }
            && (blue.offset, green.offset, red.offset) == (0, 8, 16)
    }
}
