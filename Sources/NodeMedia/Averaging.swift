/// Makes a picture smaller: each new sample is the mean of the area that it covers, and the samples on its edges count with their
/// shares. Shares are 65536ths, so that all of it is done in whole numbers of 32 bits.
struct Averaging {
    /// What new samples cover along one side.
    private struct Side {
        /// The first one of each.
        private(set) var firsts: [Int] = []
        /// Where the shares of each begin, and at the end how many there are.
        private(set) var starts = [0]
        private(set) var shares: [UInt32] = []

        /// `new` must not be larger than `old`.
        init(old: Int, new: Int) {
            for index in 0..<new {
                // In units of which an old sample is `new` long, and a new one `old`.
                let (begin, end) = (index * old, (index + 1) * old)
                let covered = begin / new...(end - 1) / new
                firsts.append(covered.lowerBound)
                var sum = 0
                // Rounded are the borders, so that all of them together are one.
                for sample in covered {
                    let border = ((min(end, (sample + 1) * new) - begin) << 16 + old / 2) / old
                    shares.append(UInt32(border - sum))
                    sum = border
                }
                starts.append(shares.count)
            }
        }
    }

    private let columns: Side
    private let rows: Side
    private let size: (width: Int, height: Int)
    private let newSize: (width: Int, height: Int)

    init(width: Int, height: Int, to newWidth: Int, _ newHeight: Int) {
        precondition((1...width).contains(newWidth) && (1...height).contains(newHeight), "pictures only shrink")
        columns = Side(old: width, new: newWidth)
        rows = Side(old: height, new: newHeight)
        size = (width, height)
        newSize = (newWidth, newHeight)
    }

    /// `channels` bytes a sample: 1 or 4. In rows without gaps, as the result is.
    func averaged(_ bytes: [UInt8], channels: Int) -> [UInt8] {
        precondition(bytes.count >= channels * size.width * size.height && [1, 4].contains(channels))
        var sums = [UInt32](repeating: 0, count: channels * size.width)
        return [UInt8](unsafeUninitializedCapacity: channels * newSize.width * newSize.height) { output, count in
            count = channels * newSize.width * newSize.height
            guard var line = output.baseAddress else { return }
            for y in 0..<newSize.height {
                sum(bytes, around: y, to: &sums)
                if channels == 4 { narrowPixels(sums, to: line) } else { narrowSamples(sums, to: line) }
                line += channels * newSize.width
            }
        }
    }

    /// Whole old rows, by their shares.
    private func sum(_ bytes: [UInt8], around y: Int, to sums: inout [UInt32]) {
        bytes.withUnsafeBufferPointer { bytes in
            sums.withUnsafeMutableBufferPointer { sums in
                var start = rows.firsts[y] * sums.count
                for part in rows.starts[y]..<rows.starts[y + 1] {
                    let share = rows.shares[part]
                    if part == rows.starts[y] {
                        for x in sums.indices { sums[x] = Self.rounding &+ UInt32(bytes[start &+ x]) &* share }
                    } else {
                        for x in sums.indices { sums[x] &+= UInt32(bytes[start &+ x]) &* share }
                    }
                    start += sums.count
                }
            }
        }
    }

    /// Of what is left in 256ths.
    private static let rounding: UInt32 = 1 << 7
    private static let half: UInt32 = 1 << 23

    private func narrowSamples(_ sums: [UInt32], to line: UnsafeMutablePointer<UInt8>) {
        sums.withUnsafeBufferPointer { sums in
            for x in 0..<newSize.width {
                var mean = Self.half
                var column = columns.firsts[x]
                for part in columns.starts[x]..<columns.starts[x + 1] {
                    mean &+= (sums[column] &>> 8) &* columns.shares[part]
                    column &+= 1
                }
                line[x] = UInt8(truncatingIfNeeded: mean &>> 24)
            }
        }
    }

    private func narrowPixels(_ sums: [UInt32], to line: UnsafeMutablePointer<UInt8>) {
        sums.withUnsafeBytes { sums in
            for x in 0..<newSize.width {
                var mean = SIMD4<UInt32>(repeating: Self.half)
                var column = columns.firsts[x]
                for part in columns.starts[x]..<columns.starts[x + 1] {
                    let pixel = sums.loadUnaligned(fromByteOffset: 16 &* column, as: SIMD4<UInt32>.self)
                    mean &+= (pixel &>> 8) &* columns.shares[part]
                    column &+= 1
                }
                UnsafeMutableRawPointer(line + 4 * x)
                    .storeBytes(of: SIMD4<UInt8>(truncatingIfNeeded: mean &>> 24), as: SIMD4<UInt8>.self)
            }
        }
    }
}
