import LinuxIO
import NodeCore

/// Makes a JPEG of a picture, never wider than asked and never larger than allowed.
package protocol ImageEncoder: Sendable {
    /// Blocks the calling thread for as long as decoding and encoding take. `quality` is 0 to 1 and is lowered, then the width, where
    /// `byteLimit` asks for it. A JPEG that already fits both is handed on as it is, whatever `quality` says.
    func jpeg(
        _ image: Image, maxWidth: Int, quality: Double, byteLimit: Int
    ) throws(MediaError) -> EncodedImage
}

/// A finished JPEG in a sealed memfd, with its own size in pixels.
package struct EncodedImage: Sendable {
    package let file: MemoryFile
    package let width: Int
    package let height: Int

    package init(file: MemoryFile, width: Int, height: Int) {
        self.file = file
        self.width = width
        self.height = height
    }
}

/// Tells how bright a picture is: how a driver sees that a camera's exposure has settled.
package protocol LightMeter: Sendable {
    /// The mean luminance, 0 to 255, of the JPEG in `bytes`; nil when it cannot be decoded. Blocks for a few milliseconds.
    func meanLuminance(jpeg bytes: UnsafeRawBufferPointer) -> Double?
}

extension LightMeter {
    /// The same of a picture in any format that has its luminance first.
    package func meanLuminance(of image: Image) -> Double? {
        guard !image.format.isJPEG else { return image.bytes.withUnsafeBytes { meanLuminance(jpeg: $0) } }
        // One sample in sixteen tells as much as all.
        let samples = stride(from: 0, to: image.width * image.height, by: 16)
        return Double(samples.reduce(0) { $0 + Int(image.bytes[$1]) }) / Double(max(1, image.width * image.height / 16))
    }
}

/// Why there is no JPEG.
package enum MediaError: Error, Equatable, Sendable {
    /// In the codec's words.
    case undecodable(String)
    case unencodable(String)
    case unsupported(PixelFormat)
    case tooLarge(bytes: Int, limit: Int)
    case system(Errno)
}

extension MediaError: RefusalConvertible {
    package var refusal: Refusal {
        switch self {
        case .undecodable(let reason): Refusal(.unavailable, "the picture cannot be decoded (\(reason)); ask again")
        case .unencodable(let reason): Refusal(.unavailable, "the picture cannot be encoded (\(reason))")
        case .unsupported(let format): Refusal(.unavailable, "pictures of the format \(format) cannot be encoded")
        case .tooLarge(let bytes, let limit):
            Refusal(
                .payloadTooLarge,
                "the smallest picture tried has \(bytes) bytes, \(limit) fit; ask for a smaller maxWidth")
        case .system(let error): Refusal(.unavailable, "no memory for the picture (\(error))")
        }
    }
}
