import NodeMedia

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
        _ pixels: UnsafeRawBufferPointer, _ transform: WaylandTransform, isInverted: Bool
    ) -> [UInt8] {
        precondition(pixels.count >= size)
        let (width, height) = transform.swapsSides ? (self.height, self.width) : (self.width, self.height)
        func offset(_ x: Int, _ y: Int) -> Int {
            let place = transform.place(x, y, width: width, height: height)
            return 4 * place.x + stride * (isInverted ? self.height - 1 - place.y : place.y)
        }
        // One step aside or down is as far everywhere.
        let start = offset(0, 0)
        let (aside, down) = (offset(1, 0) - start, offset(0, 1) - start)
        let isRedFirst = Self.isRedFirst[format] == true
        return [UInt8](unsafeUninitializedCapacity: 4 * width * height) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for y in 0..<height {
                let (from, to) = (start + y * down, 4 * width * y)
                if aside == 4, !isRedFirst {
                    let row = UnsafeRawBufferPointer(rebasing: pixels[from..<from + 4 * width])
                    UnsafeMutableRawBufferPointer(rebasing: target[to..<to + 4 * width]).copyMemory(from: row)
                    continue
                }
                for x in 0..<width {
                    let pixel = pixels.loadUnaligned(fromByteOffset: from + x * aside, as: UInt32.self)
                    let turned = isRedFirst ? pixel & 0xFF00_FF00 | (pixel & 0xFF) << 16 | pixel >> 16 & 0xFF : pixel
                    target.storeBytes(of: turned, toByteOffset: to + 4 * x, as: UInt32.self)
                }
            }
            count = 4 * width * height
        }
    }
}
