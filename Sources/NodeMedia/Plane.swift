/// One plane of samples, rows without gaps.
package struct Plane: Sendable {
    package let width: Int
    package let height: Int
    package var bytes: [UInt8]

    package init(width: Int, height: Int, bytes: [UInt8]) {
        self.width = width
        self.height = height
        self.bytes = bytes
    }

    /// The same picture with fewer samples, each the mean of the area it covers: the shares of the samples on its edges count
    /// exactly. `width` and `height` must not be larger than they are.
    package func averaged(width newWidth: Int, height newHeight: Int) -> Plane {
        precondition((1...width).contains(newWidth) && (1...height).contains(newHeight), "planes only shrink")
        if newWidth == width, newHeight == height { return self }
        // Along one axis, old samples are `new` units long and new ones `old` units, so that every share is a whole number.
        let columns = Self.shares(old: width, new: newWidth)
        let rows = Self.shares(old: height, new: newHeight)
        let scale = 1 / Double(width * height)
        var narrow = [UInt32](repeating: 0, count: newWidth)
        var sums = [UInt64](repeating: 0, count: newWidth)
        let result = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight) { output, count in
            bytes.withUnsafeBufferPointer { input in
                var row = -1
                for y in 0..<newHeight {
                    for x in 0..<newWidth { sums[x] = 0 }
                    for part in rows[y].first...rows[y].last {
                        // The last row of one mean may be the first of the next: it is narrowed once.
                        if part != row {
                            row = part
                            Self.narrow(input, from: part * width, by: columns, unit: UInt32(newWidth), to: &narrow)
                        }
                        let weight = UInt64(rows[y].weight(of: part, unit: newHeight))
                        for x in 0..<newWidth { sums[x] &+= weight &* UInt64(narrow[x]) }
                    }
                    for x in 0..<newWidth { output[y * newWidth + x] = UInt8(Double(sums[x]) * scale + 0.5) }
                }
            }
            count = newWidth * newHeight
        }
        return Plane(width: newWidth, height: newHeight, bytes: result)
    }

    /// The same with its last column and row repeated up to `width` and `height`.
    package func extended(width newWidth: Int, height newHeight: Int) -> Plane {
        if newWidth == width, newHeight == height { return self }
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight)
        for y in 0..<newHeight {
            let end = (min(y, height - 1) + 1) * width
            result += bytes[end - width..<end]
            result += [UInt8](repeating: bytes[end - 1], count: newWidth - width)
        }
        return Plane(width: newWidth, height: newHeight, bytes: result)
    }

    /// Its upper left corner, of that size.
    package func cropped(width newWidth: Int, height newHeight: Int) -> Plane {
        if newWidth == width, newHeight == height { return self }
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight)
        for y in 0..<newHeight { result += bytes[y * width..<y * width + newWidth] }
        return Plane(width: newWidth, height: newHeight, bytes: result)
    }

    /// Mirrored and turned as `orientation` says; where `width` and `height` are not what that gives, the nearest samples are taken.
    package func turned(_ orientation: Orientation, width newWidth: Int, height newHeight: Int) -> Plane {
        /// For each of `count` places along an axis, where to look among `length` samples.
        func places(_ count: Int, of length: Int, isReversed: Bool) -> [Int] {
            (0..<count).map { place in
                let sample = place * length / count
                return isReversed ? length - 1 - sample : sample
            }
        }
        // Along x of the result run the old columns, or after a quarter turn the old rows, from one end or from the other.
        let swaps = orientation.swapsSides
        let columnsReversed =
            orientation.isMirrored != (orientation.turn == .half || orientation.turn == .threeQuarters)
        let rowsReversed = orientation.turn == .half || orientation.turn == .quarter
        let columns = places(swaps ? newHeight : newWidth, of: width, isReversed: columnsReversed)
        let rows = places(swaps ? newWidth : newHeight, of: height, isReversed: rowsReversed).map { $0 * width }
        let result = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight) { output, count in
            bytes.withUnsafeBufferPointer { input in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        output[y * newWidth + x] = input[swaps ? rows[x] + columns[y] : rows[y] + columns[x]]
                    }
                }
            }
            count = newWidth * newHeight
        }
        return Plane(width: newWidth, height: newHeight, bytes: result)
    }

    /// Which old samples one new sample covers, and how many units of the first and of the last.
    private struct Share {
        let first: Int
        let last: Int
        let ofFirst: Int
        let ofLast: Int

        func weight(of part: Int, unit: Int) -> Int {
            part == first ? ofFirst : part == last ? ofLast : unit
        }
    }

    private static func shares(old: Int, new: Int) -> [Share] {
        (0..<new).map { index in
            let start = index * old
            let end = start + old
            let first = start / new
            let last = (end - 1) / new
            return Share(
                first: first, last: last, ofFirst: min(end, (first + 1) * new) - start, ofLast: end - last * new)
        }
    }

    private static func narrow(
        _ input: UnsafeBufferPointer<UInt8>, from start: Int, by columns: [Share], unit: UInt32,
        to output: inout [UInt32]
    ) {
        for (x, share) in columns.enumerated() {
            var sum = UInt32(input[start + share.first]) &* UInt32(share.ofFirst)
            if share.last > share.first {
                for column in share.first + 1..<share.last { sum &+= UInt32(input[start + column]) &* unit }
                sum &+= UInt32(input[start + share.last]) &* UInt32(share.ofLast)
            }
            output[x] = sum
        }
    }
}
