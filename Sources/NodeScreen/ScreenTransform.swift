import NodeMedia

/// What is done to a picture before a screen that hangs otherwise shows it: left and right change places where it is mirrored, then it is
/// turned so many quarters against the clock.
package struct ScreenTransform: Equatable, Sendable {
    private let quarters: Int
    private let isMirrored: Bool

    package static let upright = ScreenTransform(quarters: 0)

    /// Any number of quarters; less than none turns with the clock.
    package init(quarters: Int, isMirrored: Bool = false) {
        self.quarters = quarters & 3
        self.isMirrored = isMirrored
    }

    package var swapsSides: Bool { quarters & 1 == 1 }

    /// What undoes its quarters.
    package var turn: Orientation.Turn { Orientation.Turn.allCases[quarters] }

    /// Where that point of the upright picture is in the one that was made of it; `width` and `height` are the upright one's.
    private func place(_ x: Int, _ y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        let x = isMirrored ? width - 1 - x : x
        return switch turn {
        case .none: (x, y)
        case .quarter: (y, width - 1 - x)
        case .half: (width - 1 - x, height - 1 - y)
        case .threeQuarters: (height - 1 - y, x)
        }
    }

    /// The picture as people see it, as `PixelFormat.bgrx` in rows without gaps, of `width` by `height` pixels of four bytes as the
    /// screen has them. `stride`: from the beginning of a row to the next one's; `isInverted`: the lowest row comes first; `isRedFirst`:
    /// red and blue are in each other's place.
    package func upright(
        _ pixels: UnsafeRawBufferPointer, width shownWidth: Int, height shownHeight: Int, stride: Int,
        isInverted: Bool = false, isRedFirst: Bool = false
    ) -> [UInt8] {
        let (width, height) = swapsSides ? (shownHeight, shownWidth) : (shownWidth, shownHeight)
        func offset(_ x: Int, _ y: Int) -> Int {
            let place = place(x, y, width: width, height: height)
            return 4 * place.x + stride * (isInverted ? shownHeight - 1 - place.y : place.y)
        }
        // One step aside or down is as far everywhere.
        let start = offset(0, 0)
        let (aside, down) = (offset(1, 0) - start, offset(0, 1) - start)
        return [UInt8](unsafeUninitializedCapacity: 4 * width * height) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for y in 0..<height {
                let (from, to) = (start + y * down, 4 * width * y)
                if aside == 4, !isRedFirst {
                    let row = UnsafeRawBufferPointer(rebasing: pixels[from..<from + 4 * width])
                    UnsafeMutableRawBufferPointer(rebasing: target[to..<to + 4 * width]).copyMemory(from: row)
                    continue
                }
                for x in 0..<width {
                    let pixel = pixels.loadUnaligned(fromByteOffset: from + x * aside, as: UInt32.self)
                    let turned = isRedFirst ? pixel & 0xFF00_FF00 | (pixel & 0xFF) << 16 | pixel >> 16 & 0xFF : pixel
                    target.storeBytes(of: turned, toByteOffset: to + 4 * x, as: UInt32.self)
                }
            }
            count = 4 * width * height
        }
    }
}
