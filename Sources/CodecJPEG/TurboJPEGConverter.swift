import CTurboJPEG
import NodeMedia

/// The `PictureConverter` on libjpeg-turbo, which turns colours with the machine's vector instructions.
package struct TurboJPEGConverter: PictureConverter {
    private static let subsampling = CInt(TJSAMP_420.rawValue)

    package init() {}

    package func yuv420(
        _ image: Image, width: Int, height: Int, after last: inout Image?
    ) throws(MediaError) -> Image {
        // An odd row or column is left out, not squeezed in.
        let (evenWidth, evenHeight) = (image.width & ~1, image.height & ~1)
        var bytes = last?.width == width && last?.height == height ? last?.bytes ?? [] : []
        // What is changed in place has one owner.
        last = nil
        if width != evenWidth || height != evenHeight {
            let picture = try PlanarPicture(
                screen: image, width: evenWidth, height: evenHeight, subsampling: Self.subsampling)
            bytes = []
            bytes.reserveCapacity(Image.yuv420Size(width: width, height: height))
            for plane in picture.scaled(width: width, height: height).planes { bytes += plane.bytes }
        } else if !bytes.isEmpty, let changed = image.changedRows {
            // Two rows have their colour together.
            let rows = (changed.lowerBound & ~1..<(changed.upperBound + 1) & ~1).clamped(to: 0..<height)
            if !rows.isEmpty {
                try PlanarPicture.renew(
                    &bytes, rows, screen: image, width: width, height: height, subsampling: Self.subsampling)
            }
        } else {
            bytes = try PlanarPicture.bytes(
                screen: image, width: width, height: height, subsampling: Self.subsampling)
        }
        let planar = Image(width: width, height: height, format: .yuv420, bytes: bytes, capturedAt: image.capturedAt)
        last = planar
        return planar
    }
}
