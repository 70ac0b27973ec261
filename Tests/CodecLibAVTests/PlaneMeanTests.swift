import Testing

@testable import CodecLibAV

@Suite struct PlaneMeanTests {
    /// The mean of all samples that one of the result stands for, rounded half up.
    private func halved(_ rows: [[UInt8]], _ across: Int, _ down: Int) -> [[UInt8]] {
        (0..<rows.count / down).map { y -> [UInt8] in
            (0..<rows[0].count / across).map { x -> UInt8 in
                let block = rows[y * down..<(y + 1) * down].flatMap { $0[x * across..<(x + 1) * across] }
                let sum = block.reduce(0) { $0 + Int($1) }
                return UInt8((2 * sum + block.count) / (2 * block.count))
            }
        }
    }

    @Test("each sample is the mean of those that it stands for", arguments: [false, true], [false, true])
    func means(across: Bool, down: Bool) {
        for (width, height) in [(2, 2), (3, 5), (71, 40)] {
            let rows = (0..<height).map { y -> [UInt8] in
                (0..<width).map { x -> UInt8 in UInt8(truncatingIfNeeded: 255 - x * 37 - y * 101 - x * y * 11) }
            }
            let expected = halved(rows, across ? 2 : 1, down ? 2 : 1)
            // Rows lie further apart than they are long.
            var source = rows.flatMap { row -> [UInt8] in row + [255, 255, 255] }
            let stride = expected[0].count + 1
            var target = [UInt8](repeating: 0, count: expected.count * stride)
            source.withUnsafeMutableBufferPointer { source in
                target.withUnsafeMutableBufferPointer { target in
                    PlaneMean.halve(
                        (source.baseAddress!, width + 3), across: across, down: down,
                        into: (target.baseAddress!, stride), width: expected[0].count, height: expected.count)
                }
            }
            #expect(target == expected.flatMap { row -> [UInt8] in row + [0] })
        }
    }
}
