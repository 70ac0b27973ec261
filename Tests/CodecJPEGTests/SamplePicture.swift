import LinuxIO
import NodeMedia

@testable import CodecJPEG

/// A picture with contents that a test can find again: a bright left half, a dark right one, and red at the bottom.
enum SamplePicture {
    static func image(width: Int, height: Int) -> Image {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Image.yuv420Size(width: width, height: height))
        for _ in 0..<height {
            bytes += [UInt8](repeating: 200, count: width / 2) + [UInt8](repeating: 50, count: width - width / 2)
        }
        let (columns, rows) = ((width + 1) / 2, (height + 1) / 2)
        bytes += [UInt8](repeating: 128, count: columns * rows)
        bytes +=
            [UInt8](repeating: 128, count: columns * (rows / 2))
            + [UInt8](repeating: 220, count: columns * (rows - rows / 2))
        return Image(width: width, height: height, format: .yuv420, bytes: bytes, capturedAt: .now)
    }

    /// Nothing compresses worse.
    static func noise(width: Int, height: Int) -> Image {
        var state: UInt64 = 7
        let bytes = (0..<Image.yuv420Size(width: width, height: height)).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
        return Image(width: width, height: height, format: .yuv420, bytes: bytes, capturedAt: .now)
    }

    /// The same as a camera's JPEG.
    static func jpeg(_ image: Image, subsampling: CInt = 2, quality: Double = 0.9) throws -> Image {
        var picture = try PlanarPicture(image)
        let sizes = PlanarPicture.planeSizes(width: image.width, height: image.height, subsampling: subsampling)
        let planes = zip(picture.planes, sizes).map { plane, size in
            let bytes = (0..<size.width * size.height).map { index in
                let (x, y) = (
                    index % size.width * plane.width / size.width, index / size.width * plane.height / size.height
                )
                return plane.bytes[y * plane.width + x]
            }
            return Plane(width: size.width, height: size.height, bytes: bytes)
        }
        picture = PlanarPicture(width: image.width, height: image.height, subsampling: subsampling, planes: planes)
        var writer = try JPEGWriter()
        try writer.encode(.planar(picture), quality: quality)
        return Image(
            width: image.width, height: image.height, format: .mjpeg, bytes: Array(writer.bytes), capturedAt: .now)
    }

    static func decoded(_ image: EncodedImage) throws -> PlanarPicture {
        try image.file.bytes().withUnsafeBytes { try JPEGDecoder().decode($0, covering: .max) }
    }
}

extension PlanarPicture {
    /// A sample at a place given in parts of the whole.
    func sample(_ plane: Int, _ x: Double, _ y: Double) -> UInt8 {
        let plane = planes[plane]
        return plane.bytes[Int(y * Double(plane.height)) * plane.width + Int(x * Double(plane.width))]
    }

    /// Whether the bright, the dark and the red part are where `SamplePicture` put them.
    var showsSample: Bool {
        let grey = planes.count == 1
        return abs(Int(sample(0, 0.25, 0.25)) - 200) < 6 && abs(Int(sample(0, 0.75, 0.25)) - 50) < 6
            && (grey || (abs(Int(sample(2, 0.5, 0.1)) - 128) < 8 && abs(Int(sample(2, 0.5, 0.9)) - 220) < 8))
    }
}
