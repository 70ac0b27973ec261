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

    /// The same picture with fewer samples, each the mean of the area it covers. `width` and `height` must not be larger than they are.
    package func averaged(width newWidth: Int, height newHeight: Int) -> Plane {
        if newWidth == width, newHeight == height { return self }
        let averaging = Averaging(width: width, height: height, to: newWidth, newHeight)
        return Plane(width: newWidth, height: newHeight, bytes: averaging.averaged(bytes, channels: 1))
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
}
