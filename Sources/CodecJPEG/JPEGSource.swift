import CTurboJPEG
import NodeMedia

/// What a JPEG is made of.
enum JPEGSource {
    case planar(PlanarPicture)
    /// What a screen shows (`Image.expectScreen`). The codec takes its colours apart while it encodes, row by row, without a picture
    /// in between.
    case screen(Image)

    /// With all its colours: of letters and thin lines little is left otherwise.
    static let screenSubsampling = CInt(TJSAMP_444.rawValue)

    var width: Int {
        switch self {
        case .planar(let picture): picture.width
        case .screen(let image): image.width
        }
    }

    var height: Int {
        switch self {
        case .planar(let picture): picture.height
        case .screen(let image): image.height
        }
    }

    func turned(_ orientation: Orientation) throws(MediaError) -> JPEGSource {
        if orientation == .upright { return self }
        return switch self {
        case .planar(let picture): .planar(picture.turned(orientation))
        case .screen(let image):
            .planar(
                try PlanarPicture(
                    screen: image, width: image.width, height: image.height, subsampling: Self.screenSubsampling
                ).turned(orientation))
        }
    }

    /// To a width that it has not; `shape` is its size before it was rounded.
    func scaled(width: Int, shape: (width: Int, height: Int)) -> JPEGSource {
        let height = min(max(1, (shape.height * width + shape.width / 2) / shape.width), height)
        return switch self {
        case .planar(let picture): .planar(picture.scaled(width: width, height: height))
        case .screen(let image): .screen(image.averaged(width: width, height: height))
        }
    }
}
