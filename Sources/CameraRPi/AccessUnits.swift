import NodeMedia

/// Cuts a stream of H.264, as it comes from a pipe, into frames.
struct AccessUnits {
    struct Frame: Equatable {
        let bytes: [UInt8]
        let time: MonotonicTime
    }

    /// Several times what the largest key frame has.
    private static let limit = 2 << 20

    private var rest: [UInt8] = []
    /// When the first of `rest` came.
    private var begunAt: MonotonicTime?
    private var last = MonotonicTime(nanoseconds: 0)

    /// Whether it can be no stream of frames.
    var isTooMuch: Bool { rest.count > Self.limit }

    /// The frames that ended in `bytes`, which came at `time`: where a frame ends shows only when the next one begins.
    mutating func append(_ bytes: [UInt8], at time: MonotonicTime) -> [Frame] {
        begunAt = begunAt ?? time
        rest += bytes
        var frames: [Frame] = []
        var start = 0
        var hasSlice = false
        for unit in H264.units(in: rest) {
            guard let begins = Self.beginsFrame(unit, of: rest) else { break }
            if hasSlice, begins {
                frames.append(frame(rest[start..<unit.range.lowerBound], nextAt: time))
                start = unit.range.lowerBound
                hasSlice = false
            }
            hasSlice = hasSlice || unit.isSlice
        }
        rest.removeFirst(start)
        return frames
    }

    private mutating func frame(_ bytes: ArraySlice<UInt8>, nextAt time: MonotonicTime) -> Frame {
        // Of several that came at once each still has a time of its own.
        let own = max(begunAt ?? time, last + .milliseconds(1))
        begunAt = time
        last = own
        return Frame(bytes: Array(bytes), time: own)
    }

    /// Whether a unit after a slice belongs to the next frame (ITU H.264, 7.4.1.2.3); nil while that is not to be seen yet.
    private static func beginsFrame(_ unit: H264.Unit, of bytes: [UInt8]) -> Bool? {
        switch unit.kind {
        case 1, 2, 5:
            // A frame's first slice begins with its first macroblock, 0, which is a single bit.
            unit.header + 1 < bytes.count ? bytes[unit.header + 1] & 0x80 != 0 : nil
        case H264.Unit.enhancement...H264.Unit.delimiter: true
        default: false
        }
    }
}
