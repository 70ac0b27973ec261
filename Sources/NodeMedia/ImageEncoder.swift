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

/// Makes a PNG of a picture: nothing of it is lost, and it has the size that it comes to.
package protocol PNGEncoder: Sendable {
    /// Blocks the calling thread. Takes `PixelFormat.bgrx` only.
    func png(_ image: Image, maxWidth: Int, byteLimit: Int) throws(MediaError) -> EncodedImage
}

/// Makes of a picture what an encoder of clips takes.
package protocol PictureConverter: Sendable {
    /// Planar 4:2:0 of that size, both even and not larger than the picture's, of its time. `last` is what was made of the picture before,
    /// and becomes what is returned: what has not changed is kept, without a copy where nobody else has it. Blocks the calling thread.
    func yuv420(_ image: Image, width: Int, height: Int, after last: inout Image?) throws(MediaError) -> Image
}

/// A finished picture in a sealed memfd, with its own size in pixels.
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

/// Why there is no picture.
package enum MediaError: Error, Equatable, Sendable {
    /// What is not installed, and its package.
    case noLibrary(String, package: String)
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
        case .noLibrary(let library, let package):
            Refusal(
                .unavailable,
                "this format needs \(library); on the node's machine: sudo apt install \(package), or ask for format jpeg"
            )
        case .undecodable(let reason): Refusal(.unavailable, "the picture cannot be decoded (\(reason)); ask again")
        case .unencodable(let reason): Refusal(.unavailable, "the picture cannot be encoded (\(reason))")
        case .unsupported(let format): Refusal(.unavailable, "pictures of the format \(format) cannot be encoded")
        case .tooLarge(let bytes, let limit):
            Refusal(
                .payloadTooLarge,
                "the smallest picture tried has \(bytes) bytes, \(limit) fit; ask for a smaller maxWidth, or for format jpeg"
            )
        case .system(let error): Refusal(.unavailable, "no memory for the picture (\(error))")
        }
    }
}
