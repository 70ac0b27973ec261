import CTurboJPEG
import NodeMedia

/// One compressor of libjpeg-turbo, with the picture it made last.
struct JPEGWriter: ~Copyable {
    private let handle: tjhandle
    private var output: UnsafeMutablePointer<UInt8>?
    private var size: UInt = 0

    init() throws(MediaError) {
        guard let handle = tjInitCompress() else { throw .unencodable("out of memory") }
        self.handle = handle
    }

    deinit {
        tjFree(output)
        tjDestroy(handle)
    }

    /// The last picture made; valid until the next one is.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: output, count: Int(size)) }

    /// `quality` is 0 to 1.
    mutating func encode(_ picture: PlanarPicture, quality: Double) throws(MediaError) {
        // The codec reads the planes only; its interface lacks the const.
        let buffers = picture.planes.map { plane in
            let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: plane.bytes.count)
            _ = buffer.initialize(from: plane.bytes)
            return buffer
        }
        defer { buffers.forEach { $0.deallocate() } }
        var starts: [UnsafePointer<UInt8>?] = buffers.map { UnsafePointer($0.baseAddress) }
        let percent = CInt((quality * 100).rounded())
        let result = tjCompressFromYUVPlanes(
            handle, &starts, CInt(picture.width), nil, CInt(picture.height), picture.subsampling, &output, &size,
            min(max(percent, 1), 100), 0)
        guard result == 0 else {
            throw .unencodable(tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown error")
        }
    }
}
