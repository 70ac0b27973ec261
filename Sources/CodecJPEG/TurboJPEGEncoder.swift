import CTurboJPEG
import LinuxIO
import NodeMedia

/// The `ImageEncoder` on libjpeg-turbo.
///
/// What a camera compressed is handed on wherever it fits. Otherwise a JPEG is reduced by eighths while it is decoded, then by
/// area means to the exact width, and never goes through RGB.
package struct TurboJPEGEncoder: ImageEncoder {
    package init() {}

    package func jpeg(
        _ image: Image, maxWidth: Int, quality: Double, byteLimit: Int
    ) throws(MediaError) -> EncodedImage {
        if image.format.isJPEG, image.orientation == .upright,
            let asIs = try untouched(image, maxWidth: maxWidth, byteLimit: byteLimit)
        {
            return asIs
        }
        // The shape is the camera's: that of the reduced picture is rounded already.
        let (source, shape) = try turnedSource(image, maxWidth: maxWidth)
        var picture = source
        var writer = try JPEGWriter()
        for attempt in EncodingPlan(width: min(maxWidth, shape.width), quality: quality).attempts {
            if attempt.width != picture.width { picture = source.scaled(width: attempt.width, shape: shape) }
            try writer.encode(picture, quality: attempt.quality)
            if writer.bytes.count <= byteLimit {
                return EncodedImage(
                    file: try Self.file([writer.bytes]), width: picture.width, height: picture.height)
            }
        }
        throw .tooLarge(bytes: writer.bytes.count, limit: byteLimit)
    }

    /// The camera's own JPEG, trimmed, and completed by the Huffman tables where it lacks them; nil when it must be made anew.
    private func untouched(_ image: Image, maxWidth: Int, byteLimit: Int) throws(MediaError) -> EncodedImage? {
        let structure: JPEGStructure
        do throws(JPEGStructure.Flaw) { structure = try JPEGStructure(image.bytes) } catch {
            throw .undecodable("\(error)")
        }
        let tables = structure.hasHuffmanTables ? [] : StandardHuffmanTables.segment
        guard structure.isHuffmanCodedDCT, structure.width <= maxWidth, structure.length + tables.count <= byteLimit
        else {
            return nil
        }
        let result: Result<MemoryFile, MediaError> = image.bytes.withUnsafeBytes { bytes in
            tables.withUnsafeBytes { tables in
                let head = UnsafeRawBufferPointer(rebasing: bytes[..<structure.firstScan])
                let rest = UnsafeRawBufferPointer(rebasing: bytes[structure.firstScan..<structure.length])
                do throws(MediaError) { return .success(try Self.file([head, tables, rest])) } catch {
                    return .failure(error)
                }
            }
        }
        return EncodedImage(file: try result.get(), width: structure.width, height: structure.height)
    }

    /// As `source`, but upright; `maxWidth` is the width it has then.
    private func turnedSource(
        _ image: Image, maxWidth: Int
    ) throws(MediaError) -> (source: JPEGSource, shape: (width: Int, height: Int)) {
        let orientation = image.orientation
        guard orientation.swapsSides else {
            let (source, shape) = try source(image, maxWidth: maxWidth)
            return (try source.turned(orientation), shape)
        }
        let widthBefore = (maxWidth * image.width + image.height - 1) / max(1, image.height)
        let (source, shape) = try source(image, maxWidth: widthBefore)
        return (try source.turned(orientation), (shape.height, shape.width))
    }

    /// The picture, reduced as far as decoding does it cheaply, and the size it has by itself.
    private func source(
        _ image: Image, maxWidth: Int
    ) throws(MediaError) -> (source: JPEGSource, shape: (width: Int, height: Int)) {
        let shape = (image.width, image.height)
        if image.format == .bgrx {
            try image.expectScreen(of: image.width, image.height)
            return (.screen(image), shape)
        }
        guard image.format.isJPEG else { return (.planar(try PlanarPicture(image)), shape) }
        let decoder = try JPEGDecoder()
        let result: Result<(PlanarPicture, JPEGDecoder.Header), MediaError> = image.bytes.withUnsafeBytes { bytes in
            do throws(MediaError) {
                return .success((try decoder.decode(bytes, covering: maxWidth), try decoder.header(of: bytes)))
            } catch { return .failure(error) }
        }
        let (picture, header) = try result.get()
        return (.planar(picture), (header.width, header.height))
    }

    private static func file(_ parts: [UnsafeRawBufferPointer]) throws(MediaError) -> MemoryFile {
        do throws(Errno) {
            let file = try MemoryFile(name: "clawnode-jpeg")
            for part in parts { try file.append(part) }
            try file.seal()
            return file
        } catch { throw .system(error) }
    }
}
