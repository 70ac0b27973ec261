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
        let sizes = planeSizes(width: width, height: height, subsampling: subsampling)
        let size = sizes.reduce(0) { $0 + $1.width * $1.height }
        var failure: MediaError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { output, count in
            failure = write(0..<height, of: image, width: width, height: height, subsampling: subsampling, to: output)
            count = size
        }
        if let failure { throw failure }
        return bytes
    }

    /// Some rows of that anew: whole ones, of colour too.
    static func renew(
        _ bytes: inout [UInt8], _ rows: Range<Int>, screen image: Image, width: Int, height: Int, subsampling: CInt
    ) throws(MediaError) {
        try image.expectScreen(of: width, height)
        let failure = bytes.withUnsafeMutableBufferPointer {
            write(rows, of: image, width: width, height: height, subsampling: subsampling, to: $0)
        }
        if let failure { throw failure }
    }

    private static func write(
        _ rows: Range<Int>, of image: Image, width: Int, height: Int, subsampling: CInt,
        to output: UnsafeMutableBufferPointer<UInt8>
    ) -> MediaError? {
        guard let handle = tjInitCompress() else { return .unencodable("out of memory") }
        defer { tjDestroy(handle) }
        var starts: [UnsafeMutablePointer<UInt8>?] = []
        var plane = 0
        for size in planeSizes(width: width, height: height, subsampling: subsampling) {
            let start = plane + size.width * (rows.lowerBound * size.height / height)
            starts.append(output.baseAddress.map { $0 + start })
            plane += size.width * size.height
        }
        let stride = 4 * image.width
        let result = image.bytes.withUnsafeBufferPointer { pixels in
            tjEncodeYUVPlanes(
                handle, pixels.baseAddress.map { $0 + stride * rows.lowerBound }, CInt(width), CInt(stride),
                CInt(rows.count), CInt(TJPF_BGRX.rawValue), &starts, nil, subsampling, 0)
        }
        return result == 0 ? nil : .unencodable(tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown error")
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
