import Glibc

/// Where the parts of one JPEG picture lie (ITU T.81 annex B): found without decoding, and without believing the bytes.
///
/// Cameras send pictures that were cut off on the way, that lack the Huffman tables, and that are followed by the rest
/// of the buffer.
package struct JPEGStructure: Equatable, Sendable {
    package enum Flaw: Error, Equatable, Sendable {
        case noStart
        /// The picture ends in mid-way: no end-of-image marker.
        case truncated
        case malformed(offset: Int)
        case noFrame, noScan
        case size(width: Int, height: Int)
    }

    package let width: Int
    package let height: Int
    /// The number of bytes up to and with the end-of-image marker; what follows belongs to nobody.
    package let length: Int
    /// Where the first scan's header begins: tables can be inserted here.
    package let firstScan: Int
    package let hasHuffmanTables: Bool
    /// Arithmetic coding and lossless frames are real JPEGs that hardly a viewer shows.
    package let isHuffmanCodedDCT: Bool

    /// More than any camera has, and little enough to be decoded.
    private static let maxPixels = 1 << 27

    package init(_ bytes: UnsafeRawBufferPointer) throws(Flaw) {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == Marker.startOfImage else { throw .noStart }
        var walk = Walk(bytes: bytes, offset: 2)
        var frame: (width: Int, height: Int, marker: UInt8)?
        var scan: Int?
        var tables = false
        while let marker = try walk.nextMarker() {
            switch marker {
            case Marker.startOfFrame where !Marker.notFrames.contains(marker):
                guard frame == nil else { throw .malformed(offset: walk.offset) }
                let size = try walk.frameSize()
                frame = (size.width, size.height, marker)
            case Marker.defineHuffman:
                tables = tables || scan == nil
                _ = try walk.segment()
            case Marker.startOfScan:
                guard frame != nil else { throw .noFrame }
                scan = scan ?? walk.offset - 2
                _ = try walk.segment()
                try walk.skipEntropyCoded()
            case Marker.endOfImage:
                guard let frame else { throw .noFrame }
                guard let scan else { throw .noScan }
                width = frame.width
                height = frame.height
                length = walk.offset
                firstScan = scan
                hasHuffmanTables = tables
                isHuffmanCodedDCT = frame.marker <= 0xC2
                return
            case Marker.restart, Marker.temporary: break
            case Marker.startOfImage, 0x00: throw .malformed(offset: walk.offset)
            default: _ = try walk.segment()
            }
        }
        throw .truncated
    }

    package init(_ bytes: [UInt8]) throws(Flaw) {
        let result: Result<JPEGStructure, Flaw> = bytes.withUnsafeBytes { raw in
            do throws(Flaw) { return .success(try JPEGStructure(raw)) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    private enum Marker {
        static let startOfImage: UInt8 = 0xD8
        static let endOfImage: UInt8 = 0xD9
        static let startOfScan: UInt8 = 0xDA
        static let defineHuffman: UInt8 = 0xC4
        static let temporary: UInt8 = 0x01
        static let startOfFrame: ClosedRange<UInt8> = 0xC0...0xCF
        /// Huffman tables, an extension, arithmetic conditioning.
        static let notFrames: Set<UInt8> = [0xC4, 0xC8, 0xCC]
        static let restart: ClosedRange<UInt8> = 0xD0...0xD7
    }

    /// A place in bytes that end where they like.
    private struct Walk {
        let bytes: UnsafeRawBufferPointer
        var offset: Int

        /// The marker here, with the walk behind it, or nil at the end of the bytes. Any number of 0xFF may stand before it.
        mutating func nextMarker() throws(Flaw) -> UInt8? {
            guard offset < bytes.count else { return nil }
            guard bytes[offset] == 0xFF else { throw .malformed(offset: offset) }
            while offset < bytes.count, bytes[offset] == 0xFF { offset += 1 }
            guard offset < bytes.count else { return nil }
            offset += 1
            return bytes[offset - 1]
        }

        /// The contents of the segment here, with the walk behind it.
        mutating func segment() throws(Flaw) -> Range<Int> {
            guard offset + 2 <= bytes.count else { throw .truncated }
            let length = word(at: offset)
            guard length >= 2 else { throw .malformed(offset: offset) }
            guard offset + length <= bytes.count else { throw .truncated }
            let contents = offset + 2..<offset + length
            offset += length
            return contents
        }

        mutating func frameSize() throws(Flaw) -> (width: Int, height: Int) {
            let contents = try segment()
            guard contents.count >= 6 else { throw .malformed(offset: contents.lowerBound) }
            let height = word(at: contents.lowerBound + 1)
            let width = word(at: contents.lowerBound + 3)
            guard width > 0, height > 0, width * height <= maxPixels else { throw .size(width: width, height: height) }
            return (width, height)
        }

        /// Goes to the next marker that is no part of entropy-coded data, or to the end of the bytes.
        mutating func skipEntropyCoded() throws(Flaw) {
            guard let start = bytes.baseAddress else { throw .truncated }
            while offset < bytes.count {
                guard let found = memchr(start + offset, 0xFF, bytes.count - offset) else { break }
                offset = UnsafeRawPointer(found) - start
                guard offset + 1 < bytes.count else { break }
                let next = bytes[offset + 1]
                if next == 0xFF {
                    offset += 1
                } else if next == 0x00 || Marker.restart.contains(next) {
                    offset += 2
                } else {
                    return
                }
            }
            throw .truncated
        }

        private func word(at offset: Int) -> Int {
            Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
        }
    }
}
