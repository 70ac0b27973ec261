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
    mutating func encode(_ source: JPEGSource, quality: Double) throws(MediaError) {
        let percent = min(max(CInt((quality * 100).rounded()), 1), 100)
        let result: CInt
        switch source {
        case .planar(let picture):
            result = Self.withStarts(of: picture.planes[...]) { starts in
                tjCompressFromYUVPlanes(
                    handle, &starts, CInt(picture.width), nil, CInt(picture.height), picture.subsampling, &output,
                    &size, percent, 0)
            }
        case .screen(let image):
            result = tjCompress2(
                handle, image.bytes, CInt(image.width), 4 * CInt(image.width), CInt(image.height),
                CInt(TJPF_BGRX.rawValue), &output, &size, JPEGSource.screenSubsampling, percent, 0)
        }
        guard result == 0 else {
            throw .unencodable(tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown error")
        }
    }

    /// Lends the planes where they are, after those whose `starts` are known.
    private static func withStarts<R>(
        _ starts: [UnsafePointer<UInt8>?] = [], of planes: ArraySlice<Plane>,
        _ body: (inout [UnsafePointer<UInt8>?]) -> R
    ) -> R {
        guard let plane = planes.first else {
            var starts = starts
            return body(&starts)
        }
        return plane.bytes.withUnsafeBufferPointer {
            withStarts(starts + [$0.baseAddress], of: planes.dropFirst(), body)
        }
    }
}
