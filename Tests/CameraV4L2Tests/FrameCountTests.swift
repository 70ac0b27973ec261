import Testing

@testable import CameraV4L2

@Suite("Frame count")
struct FrameCountTests {
    @Test(
        "what is missing is found by the driver's numbers",
        arguments: [
            ([7], [false]), ([0, 1, 2], [false, false, false]), ([0, 2, 3, 9], [false, true, false, true]),
            ([UInt32.max, 0], [false, false]), ([UInt32.max, 1], [false, true]),
            // A driver that does not count, and one that begins anew.
            ([0, 0, 0], [false, false, false]), ([50, 0, 1], [false, false, false]),
        ] as [([UInt32], [Bool])])
    func gaps(numbers: [UInt32], expected: [Bool]) {
        var count = FrameCount()
        #expect(numbers.map { count.hasGap(before: $0) } == expected)
    }
}
