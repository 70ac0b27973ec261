/// One picture as it came from a device or was drawn: a JPEG, planar 4:2:0, or what a screen shows.
package struct Image: Sendable {
    package let width: Int
    package let height: Int
    package let format: PixelFormat
    package let bytes: [UInt8]
    package let capturedAt: MonotonicTime
    /// What has still to be done to it; `width` and `height` are those it has now.
    package var orientation = Orientation.upright
    /// Of what a screen shows: outside of these rows it is as the picture before. Nil where nobody knows.
    package var changedRows: Range<Int>?

    package init(width: Int, height: Int, format: PixelFormat, bytes: [UInt8], capturedAt: MonotonicTime) {
        self.width = width
        self.height = height
        self.format = format
        self.bytes = bytes
        self.capturedAt = capturedAt
    }

    /// The same with fewer pixels, each the mean of the area that it covers, of a whole picture of four bytes a pixel. `width` and
    /// `height` must not be larger than they are.
    package func averaged(width newWidth: Int, height newHeight: Int) -> Image {
        let averaging = Averaging(width: width, height: height, to: newWidth, newHeight)
        var image = Image(
            width: newWidth, height: newHeight, format: format, bytes: averaging.averaged(bytes, channels: 4),
            capturedAt: capturedAt)
        image.orientation = orientation
        return image
    }

    /// The bytes of a planar 4:2:0 picture; the colour planes of odd sizes are rounded up.
    package static func yuv420Size(width: Int, height: Int) -> Int {
        width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2)
    }
}
