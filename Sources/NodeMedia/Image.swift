/// One picture as it came from a device or was drawn: a JPEG, planar 4:2:0, or what a screen shows.
package struct Image: Sendable {
    package let width: Int
    package let height: Int
    package let format: PixelFormat
    package let bytes: [UInt8]
    package let capturedAt: MonotonicTime
    /// What has still to be done to it; `width` and `height` are those it has now.
    package var orientation = Orientation.upright

    package init(width: Int, height: Int, format: PixelFormat, bytes: [UInt8], capturedAt: MonotonicTime) {
        self.width = width
        self.height = height
        self.format = format
        self.bytes = bytes
        self.capturedAt = capturedAt
    }

    /// The bytes of a planar 4:2:0 picture; the colour planes of odd sizes are rounded up.
    package static func yuv420Size(width: Int, height: Int) -> Int {
        width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2)
    }
}
