import CTurboJPEG
import NodeMedia

/// What a JPEG is made of.
enum JPEGSource {
    case planar(PlanarPicture)
    /// What a screen shows, whole: `PixelFormat.bgrx`. The codec takes its colours apart while it encodes, row by row, without a picture
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
        orientation == .upright ? self : .planar(try planar().turned(orientation))
    }

    /// To a width that it has not; `shape` is its size before it was rounded.
    func scaled(width: Int, shape: (width: Int, height: Int)) throws(MediaError) -> JPEGSource {
        let picture = try planar()
        let height = (shape.height * width + shape.width / 2) / shape.width
        return .planar(picture.scaled(width: width, height: min(max(1, height), picture.height)))
    }

    private func planar() throws(MediaError) -> PlanarPicture {
        switch self {
        case .planar(let picture): picture
        case .screen(let image):
            try PlanarPicture(
                screen: image, width: image.width, height: image.height, subsampling: Self.screenSubsampling)
        }
    }
}
