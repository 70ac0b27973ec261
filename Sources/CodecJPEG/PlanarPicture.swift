import CTurboJPEG
import NodeMedia

/// A picture as the codec takes and gives it: luminance, and colour at the resolution that `subsampling` says.
struct PlanarPicture {
    let width: Int
    let height: Int
    /// libjpeg-turbo's `TJSAMP_…`.
    let subsampling: CInt
    var planes: [Plane]

    /// The sizes of the planes of such a picture; the codec wants those of odd ones rounded up, that of luminance too.
    static func planeSizes(width: Int, height: Int, subsampling: CInt) -> [(width: Int, height: Int)] {
        (0..<CInt(subsampling == CInt(TJSAMP_GRAY.rawValue) ? 1 : 3)).map { component in
            (
                Int(tjPlaneWidth(component, CInt(width), subsampling)),
                Int(tjPlaneHeight(component, CInt(height), subsampling))
            )
        }
    }

    init(width: Int, height: Int, subsampling: CInt, planes: [Plane]) {
        self.width = width
        self.height = height
        self.subsampling = subsampling
        self.planes = planes
    }

    /// From the bytes of a planar 4:2:0 image.
    init(_ image: Image) throws(MediaError) {
        guard image.format == .yuv420 else { throw .unsupported(image.format) }
        guard image.width > 0, image.height > 0,
            image.bytes.count >= Image.yuv420Size(width: image.width, height: image.height)
        else { throw .undecodable("\(image.bytes.count) bytes are too few for \(image.width)×\(image.height)") }
        let subsampling = CInt(TJSAMP_420.rawValue)
        var offset = 0
        let sizes = Self.planeSizes(width: image.width, height: image.height, subsampling: subsampling)
        let planes = sizes.enumerated().map { component, size in
            let (width, height) = component == 0 ? (image.width, image.height) : size
            let end = offset + width * height
            defer { offset = end }
            return Plane(width: width, height: height, bytes: Array(image.bytes[offset..<end]))
                .extended(width: size.width, height: size.height)
        }
        self.init(width: image.width, height: image.height, subsampling: subsampling, planes: planes)
    }

    /// From what a screen shows, without what of it lies beyond `width` and `height`.
    init(screen image: Image, width: Int, height: Int, subsampling: CInt) throws(MediaError) {
        let bytes = try Self.bytes(screen: image, width: width, height: height, subsampling: subsampling)
        var offset = 0
        let planes = Self.planeSizes(width: width, height: height, subsampling: subsampling).map { size in
            let end = offset + size.width * size.height
            defer { offset = end }
            return Plane(width: size.width, height: size.height, bytes: Array(bytes[offset..<end]))
        }
        self.init(width: width, height: height, subsampling: subsampling, planes: planes)
    }

    /// The same as the bytes of the planes, one after the other.
    static func bytes(screen image: Image, width: Int, height: Int, subsampling: CInt) throws(MediaError) -> [UInt8] {
        try image.expectScreen(of: width, height)
        guard let handle = tjInitCompress() else { throw .unencodable("out of memory") }
        defer { tjDestroy(handle) }
        let lengths = planeSizes(width: width, height: height, subsampling: subsampling).map { $0.width * $0.height }
        var result: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: lengths.reduce(0, +)) { output, count in
            var starts: [UnsafeMutablePointer<UInt8>?] = []
            for length in lengths {
                starts.append(output.baseAddress.map { $0 + count })
                count += length
            }
            result = tjEncodeYUVPlanes(
                handle, image.bytes, CInt(width), 4 * CInt(image.width), CInt(height), CInt(TJPF_BGRX.rawValue),
                &starts, nil, subsampling, 0)
        }
        guard result == 0 else {
            throw .unencodable(tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown error")
        }
        return bytes
    }

    /// Upright: `orientation` says what is missing to that.
    func turned(_ orientation: Orientation) -> PlanarPicture {
        if orientation == .upright { return self }
        let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
        let newSubsampling = orientation.swapsSides ? Self.turned(subsampling) : subsampling
        let sizes = Self.planeSizes(width: newWidth, height: newHeight, subsampling: newSubsampling)
        let turned = planes.indices.map { index in
            // The samples that only fill up a plane of luminance would be on the wrong side.
            let plane = index == 0 ? planes[0].cropped(width: width, height: height) : planes[index]
            let size = index == 0 ? (width: newWidth, height: newHeight) : sizes[index]
            return plane.turned(orientation, width: size.width, height: size.height)
                .extended(width: sizes[index].width, height: sizes[index].height)
        }
        return PlanarPicture(width: newWidth, height: newHeight, subsampling: newSubsampling, planes: turned)
    }

    /// Where colour is coarser one way than the other, it is so the other way after a quarter turn. What the codec has no layout
    /// for becomes 4:2:0.
    private static func turned(_ subsampling: CInt) -> CInt {
        switch subsampling {
        case CInt(TJSAMP_422.rawValue): CInt(TJSAMP_440.rawValue)
        case CInt(TJSAMP_440.rawValue): CInt(TJSAMP_422.rawValue)
        case CInt(TJSAMP_411.rawValue): CInt(TJSAMP_420.rawValue)
        default: subsampling
        }
    }

    func scaled(width newWidth: Int, height newHeight: Int) -> PlanarPicture {
        let sizes = Self.planeSizes(width: newWidth, height: newHeight, subsampling: subsampling)
        let scaled = zip(planes, sizes).map { plane, size in plane.averaged(width: size.width, height: size.height) }
        return PlanarPicture(width: newWidth, height: newHeight, subsampling: subsampling, planes: scaled)
    }
}

extension Image {
    /// Throws unless this is what a screen shows, and has that many pixels.
    func expectScreen(of width: Int, _ height: Int) throws(MediaError) {
        guard format == .bgrx else { throw .unsupported(format) }
        guard width > 0, height > 0, width <= self.width, height <= self.height,
            bytes.count >= 4 * self.width * self.height
        else { throw .undecodable("\(bytes.count) bytes are too few for \(self.width)×\(self.height)") }
    }
}
