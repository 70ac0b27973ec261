import NodeMedia
import Testing

@testable import CodecLibAV

@Suite struct PlaneTurnTests {
    /// Turned by the definition: mirrored first, then clockwise a quarter at a time.
    private func turned(_ rows: [[UInt8]], _ orientation: Orientation) -> [[UInt8]] {
        var rows = orientation.isMirrored ? rows.map { Array($0.reversed()) } : rows
        for _ in 0..<orientation.turn.rawValue / 90 {
            rows = rows[0].indices.map { column in rows.reversed().map { $0[column] } }
        }
        return rows
    }

    @Test(
        "every turn, mirrored or not, is what its definition says", arguments: Orientation.Turn.allCases, [false, true])
    func turns(turn: Orientation.Turn, isMirrored: Bool) {
        let orientation = Orientation(turn: turn, isMirrored: isMirrored)
        for (width, height) in [(3, 2), (1, 5), (70, 41)] {
            let rows = (0..<height).map { y -> [UInt8] in (0..<width).map { UInt8(truncatingIfNeeded: y * width + $0) }
            }
            let expected = turned(rows, orientation)
            // Rows lie further apart than they are long.
            var source = rows.flatMap { row -> [UInt8] in row + [255, 255, 255] }
            var target = [UInt8](repeating: 0, count: expected.count * (expected[0].count + 1))
            source.withUnsafeMutableBufferPointer { source in
                target.withUnsafeMutableBufferPointer { target in
                    PlaneTurn.turn(
                        .init(start: source.baseAddress!, stride: width + 3, width: width, height: height), orientation,
                        into: .init(
                            start: target.baseAddress!, stride: expected[0].count + 1, width: expected[0].count,
                            height: expected.count))
                }
            }
            #expect(target == expected.flatMap { row -> [UInt8] in row + [0] })
        }
    }
}
