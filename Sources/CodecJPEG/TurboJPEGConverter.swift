import CTurboJPEG
import NodeMedia

/// The `PictureConverter` on libjpeg-turbo, which turns colours with the machine's vector instructions.
package struct TurboJPEGConverter: PictureConverter {
    package init() {}

    package func yuv420(_ image: Image, width: Int, height: Int) throws(MediaError) -> Image {
        let subsampling = CInt(TJSAMP_420.rawValue)
        // An odd row or column is left out, not squeezed in.
        let (evenWidth, evenHeight) = (image.width & ~1, image.height & ~1)
        var bytes: [UInt8]
        if width == evenWidth, height == evenHeight {
            bytes = try PlanarPicture.bytes(screen: image, width: width, height: height, subsampling: subsampling)
        } else {
            let picture = try PlanarPicture(
                screen: image, width: evenWidth, height: evenHeight, subsampling: subsampling)
            bytes = []
            bytes.reserveCapacity(Image.yuv420Size(width: width, height: height))
            for plane in picture.scaled(width: width, height: height).planes { bytes += plane.bytes }
        }
        return Image(width: width, height: height, format: .yuv420, bytes: bytes, capturedAt: image.capturedAt)
    }
}
