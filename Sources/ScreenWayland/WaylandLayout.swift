import NodeMedia
import NodeScreen

/// How a compositor lays out the pixels of a copy.
struct WaylandLayout: Equatable, Sendable {
    let format: UInt32
    let width: Int
    let height: Int
    /// From the beginning of a row to the next one's.
    let stride: Int

    /// Those of four bytes a pixel that we read, by their codes (`wl_shm.format`): whether red comes first.
    private static let isRedFirst: [UInt32: Bool] = [
        0: false,  // ARGB8888
        1: false,  // XRGB8888
        0x3432_4258: true,  // XBGR8888
        0x3432_4241: true,  // ABGR8888
    ]

    static func isReadable(_ format: UInt32) -> Bool { isRedFirst[format] != nil }

    /// Sides and rows that are no picture's are refused. Whether the pixels can be read is another question.
    init(format: UInt32, width: Int, height: Int, stride: Int) throws(WaylandFlaw) {
        let sides = 1...32_768
        guard sides.contains(width), sides.contains(height), stride >= 4 * width, stride * height <= 1 << 30
        else { throw WaylandFlaw() }
        self.format = format
        self.width = width
        self.height = height
        self.stride = stride
    }

    var size: Int { stride * height }

    /// Four characters, as the kernel has them too. Only those of formats that we read are none.
    var formatName: String { PixelFormat(rawValue: format).description }

    /// The picture as people see it, in rows without gaps of four bytes a pixel: blue, green, red, and one that means nothing. `isInverted`:
    /// its lowest row comes first.
    func upright(
        _ pixels: UnsafeRawBufferPointer, _ transform: ScreenTransform, isInverted: Bool
    ) -> [UInt8] {
        precondition(pixels.count >= size)
        return transform.upright(
            pixels, width: width, height: height, stride: stride, isInverted: isInverted,
            isRedFirst: Self.isRedFirst[format] == true)
    }
}
