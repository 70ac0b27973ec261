/// What has to be known of H.264 to pass it on: where its NAL units lie in a byte stream with start codes (ITU H.264 annex B).
package enum H264 {
    package struct Unit: Equatable, Sendable {
        /// 1 to 5 are slices of pictures, 5 those of a key frame.
        package let kind: UInt8
        /// Its start code included.
        package let range: Range<Int>
        /// Where its header byte is.
        package let header: Int

        /// Without its start code.
        package var content: Range<Int> { header..<range.upperBound }

        package static let keySlice: UInt8 = 5
        package static let enhancement: UInt8 = 6
        package static let sequenceParameters: UInt8 = 7
        package static let pictureParameters: UInt8 = 8
        package static let delimiter: UInt8 = 9

        package var isSlice: Bool { (1...5).contains(kind) }
        package var isParameters: Bool { kind == Self.sequenceParameters || kind == Self.pictureParameters }
    }

    /// Bytes before the first start code belong to no unit; zeros before one belong to it.
    package static func units(in bytes: UnsafeRawBufferPointer) -> [Unit] {
        var units: [Unit] = []
        var begun: (start: Int, header: Int)?
        func end(at end: Int) {
            guard let begun else { return }
            units.append(Unit(kind: bytes[begun.header] & 0x1F, range: begun.start..<end, header: begun.header))
        }
        var index = 0
        while index + 3 < bytes.count {
            // Of three bytes in a row the last decides how far the next start code is at least.
            guard bytes[index + 2] <= 1 else {
                index += 3
                continue
            }
            guard bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 else {
                index += 1
                continue
            }
            var start = index
            while start > (begun?.header ?? -1) + 1, bytes[start - 1] == 0 { start -= 1 }
            end(at: start)
            begun = (start, index + 3)
            index += 4
        }
        end(at: bytes.count)
        return units
    }

    package static func units(in bytes: [UInt8]) -> [Unit] {
        bytes.withUnsafeBytes { units(in: $0) }
    }

    /// Whether decoding can begin with this frame, as far as its slices tell.
    package static func isKeyFrame(_ frame: [UInt8]) -> Bool {
        units(in: frame).first(where: \.isSlice)?.kind == Unit.keySlice
    }

    /// The parameters without which no frame can be decoded. Some cameras send them once, when they are switched on.
    package struct Parameters: Sendable {
        private var bytes: [UInt8] = []

        package init() {}

        /// The same frame; a key frame that comes without parameters gets the last ones.
        package mutating func complete(_ frame: [UInt8]) -> [UInt8] {
            let units = units(in: frame)
            let own = units.filter(\.isParameters)
            if !own.isEmpty { bytes = own.flatMap { frame[$0.range] } }
            guard own.isEmpty, units.contains(where: { $0.kind == Unit.keySlice }) else { return frame }
            return bytes + frame
        }
    }
}
