import NodeMedia

/// Puts one plane of samples upright.
enum PlaneTurn {
    /// Rows of samples in somebody's memory; `stride` bytes from one to the next.
    struct Rows {
        let start: UnsafeMutablePointer<UInt8>
        let stride: Int
        let width: Int
        let height: Int
    }

    /// `target` has the sides that `source` has after it.
    static func turn(_ source: Rows, _ orientation: Orientation, into target: Rows) {
        // Along x of the result run the old columns, or after a quarter turn the old rows, from one end or from the other.
        let turn = orientation.turn
        let columnsReversed = orientation.isMirrored != (turn == .half || turn == .threeQuarters)
        let rowsReversed = turn == .half || turn == .quarter
        let column = columnsReversed ? -1 : 1
        let row = rowsReversed ? -source.stride : source.stride
        let first =
            source.start + (columnsReversed ? source.width - 1 : 0)
            + (rowsReversed ? (source.height - 1) * source.stride : 0)
        let (alongX, alongY) = orientation.swapsSides ? (row, column) : (column, row)
        // In blocks, because a column of a large picture lies in more lines of the cache than there are.
        let block = 32
        for top in stride(from: 0, to: target.height, by: block) {
            for left in stride(from: 0, to: target.width, by: block) {
                for y in top..<min(top + block, target.height) {
                    let from = first + y * alongY
                    let to = target.start + y * target.stride
                    for x in left..<min(left + block, target.width) { to[x] = from[x * alongX] }
                }
            }
        }
    }
}
