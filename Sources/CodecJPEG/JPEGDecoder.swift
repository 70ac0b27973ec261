import CTurboJPEG
import NodeMedia

/// One decompressor of libjpeg-turbo.
struct JPEGDecoder: ~Copyable {
    private let handle: tjhandle

    init() throws(MediaError) {
        guard let handle = tjInitDecompress() else { throw .undecodable("out of memory") }
        self.handle = handle
    }

    deinit {
        tjDestroy(handle)
    }

    struct Header {
        let width: Int
        let height: Int
        let subsampling: CInt

        /// The codec scales by eighths while it decodes, which is cheaper the fewer they are: the least that is still as wide
        /// as asked, 8 for the whole picture.
        func eighths(covering width: Int) -> Int {
            (1...8).first { scaled(self.width, by: $0) >= width } ?? 8
        }

        func scaled(_ length: Int, by eighths: Int) -> Int {
            (length * eighths + 7) / 8
        }
    }

    borrowing func header(of bytes: UnsafeRawBufferPointer) throws(MediaError) -> Header {
        var width: CInt = 0
        var height: CInt = 0
        var subsampling: CInt = -1
        var colours: CInt = -1
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        let result = tjDecompressHeader3(handle, start, UInt(bytes.count), &width, &height, &subsampling, &colours)
        guard result == 0, width > 0, height > 0, subsampling >= 0 else { throw .undecodable(failure) }
        return Header(width: Int(width), height: Int(height), subsampling: subsampling)
    }

    /// The picture, reduced while decoding to the smallest size that is still `width` wide. Damage that the codec could conceal is no error.
    borrowing func decode(_ bytes: UnsafeRawBufferPointer, covering width: Int) throws(MediaError) -> PlanarPicture {
        let header = try header(of: bytes)
        let eighths = header.eighths(covering: width)
        let scaledWidth = header.scaled(header.width, by: eighths)
        let scaledHeight = header.scaled(header.height, by: eighths)
        let sizes = PlanarPicture.planeSizes(width: scaledWidth, height: scaledHeight, subsampling: header.subsampling)
        var planes = sizes.map { Plane(width: $0.width, height: $0.height, bytes: []) }
        let buffers = sizes.map { UnsafeMutableBufferPointer<UInt8>.allocate(capacity: $0.width * $0.height) }
        defer { buffers.forEach { $0.deallocate() } }
        var starts: [UnsafeMutablePointer<UInt8>?] = buffers.map(\.baseAddress)
        let result = tjDecompressToYUVPlanes(
            handle, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt(bytes.count), &starts,
            CInt(scaledWidth), nil, CInt(scaledHeight), 0)
        try check(result)
        for index in planes.indices { planes[index].bytes = Array(buffers[index]) }
        return PlanarPicture(
            width: scaledWidth, height: scaledHeight, subsampling: header.subsampling, planes: planes)
    }

    /// The luminance of an eighth of the picture, each way.
    borrowing func thumbnail(_ bytes: UnsafeRawBufferPointer) throws(MediaError) -> Plane {
        let header = try header(of: bytes)
        let width = header.scaled(header.width, by: 1)
        let height = header.scaled(header.height, by: 1)
        var samples = [UInt8](repeating: 0, count: width * height)
        let result = tjDecompress2(
            handle, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt(bytes.count), &samples,
            CInt(width), 0, CInt(height), CInt(TJPF_GRAY.rawValue), 0)
        try check(result)
        return Plane(width: width, height: height, bytes: samples)
    }

    private borrowing func check(_ result: CInt) throws(MediaError) {
        // A warning: the codec went on. Some cameras give it cause with every picture.
        guard result == 0 || tjGetErrorCode(handle) == CInt(TJERR_WARNING.rawValue) else { throw .undecodable(failure) }
    }

    private var failure: String {
        tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown error"
    }
}
