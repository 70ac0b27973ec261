import CPNG
import LinuxIO
import NodeMedia

/// The `PNGEncoder` on libpng.
package struct LibPNGEncoder: PNGEncoder {
    /// Nil where it is not installed.
    private static let write = CN_PNG_load()

    package init() {}

    package func png(_ image: Image, maxWidth: Int, byteLimit: Int) throws(MediaError) -> EncodedImage {
        guard image.format == .bgrx else { throw .unsupported(image.format) }
        guard let write = Self.write else { throw .noLibrary("libpng", package: "libpng16-16") }
        guard image.width > 0, image.height > 0, image.bytes.count >= 4 * image.width * image.height else {
            throw .undecodable("\(image.bytes.count) bytes are too few for \(image.width)×\(image.height)")
        }
        let width = min(maxWidth, image.width)
        let height = min(max(1, (image.height * width + image.width / 2) / image.width), image.height)
        let picture = width == image.width ? image : image.averaged(width: width, height: height)
        let png = try Self.encoded(Self.packed(picture), width: width, height: height, write)
        guard png.count <= byteLimit else { throw .tooLarge(bytes: png.count, limit: byteLimit) }
        do throws(Errno) {
            let file = try MemoryFile(name: "clawnode-png")
            try file.append(png)
            try file.seal()
            return EncodedImage(file: file, width: width, height: height)
        } catch { throw .system(error) }
    }

    private static func encoded(
        _ pixels: [UInt8], width: Int, height: Int, _ write: CN_PNG_write
    ) throws(MediaError) -> [UInt8] {
        var reason = [CChar](repeating: 0, count: 64)
        var isWritten = false
        // What is not written takes no memory.
        let png = [UInt8](
            unsafeUninitializedCapacity: CN_PNG_most(UInt32(width), UInt32(height)),
            initializingWith: { memory, count in
                var size = memory.count
                isWritten =
                    CN_PNG_encode(write, pixels, UInt32(width), UInt32(height), memory.baseAddress, &size, &reason) != 0
                count = isWritten ? size : 0
            })
        guard isWritten else {
            throw .unencodable(String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return png
    }

    /// Three bytes a pixel, in the order that they have.
    private static func packed(_ image: Image) -> [UInt8] {
        let count = image.width * image.height
        return [UInt8](unsafeUninitializedCapacity: 3 * count) { packed, filled in
            image.bytes.withUnsafeBufferPointer { bytes in
                for pixel in 0..<count {
                    packed[3 * pixel] = bytes[4 * pixel]
                    packed[3 * pixel + 1] = bytes[4 * pixel + 1]
                    packed[3 * pixel + 2] = bytes[4 * pixel + 2]
                }
            }
            filled = 3 * count
        }
    }
}
