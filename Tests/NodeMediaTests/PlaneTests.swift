import Testing

@testable import NodeMedia

@Suite("Plane")
struct PlaneTests {
    @Test(
        "each new sample is the mean of the area it covers",
        arguments: [
            (4, 2, 2, 1, [0, 10, 100, 110, 20, 30, 120, 130], [15, 115]),
            (3, 1, 2, 1, [0, 90, 180], [30, 150]),
            (1, 3, 1, 2, [0, 90, 180], [30, 150]),
            (3, 3, 1, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9], [5]),
            (2, 2, 2, 2, [1, 2, 3, 4], [1, 2, 3, 4]),
            (5, 1, 3, 1, [0, 50, 100, 150, 200], [20, 100, 180]),
        ] as [(Int, Int, Int, Int, [UInt8], [UInt8])])
    func means(width: Int, height: Int, newWidth: Int, newHeight: Int, bytes: [UInt8], expected: [UInt8]) {
        let plane = Plane(width: width, height: height, bytes: bytes).averaged(width: newWidth, height: newHeight)
        #expect(plane.bytes == expected)
    }

    @Test("what is missing is taken from the edge")
    func extended() {
        let plane = Plane(width: 2, height: 1, bytes: [1, 2]).extended(width: 3, height: 2)
        #expect(plane.bytes == [1, 2, 2, 1, 2, 2])
    }

    /// 1 2 3
    /// 4 5 6
    private static let six = Plane(width: 3, height: 2, bytes: [1, 2, 3, 4, 5, 6])

    @Test(
        "a plane is mirrored, then turned clockwise",
        arguments: [
            (.none, false, [1, 2, 3, 4, 5, 6]), (.quarter, false, [4, 1, 5, 2, 6, 3]),
            (.half, false, [6, 5, 4, 3, 2, 1]), (.threeQuarters, false, [3, 6, 2, 5, 1, 4]),
            (.none, true, [3, 2, 1, 6, 5, 4]), (.quarter, true, [6, 3, 5, 2, 4, 1]),
            (.half, true, [4, 5, 6, 1, 2, 3]), (.threeQuarters, true, [1, 4, 2, 5, 3, 6]),
        ] as [(Orientation.Turn, Bool, [UInt8])])
    func turned(turn: Orientation.Turn, isMirrored: Bool, expected: [UInt8]) {
        let orientation = Orientation(turn: turn, isMirrored: isMirrored)
        let (width, height) = orientation.swapsSides ? (2, 3) : (3, 2)
        #expect(Self.six.turned(orientation, width: width, height: height).bytes == expected)
    }

    @Test("a plane that becomes denser one way and coarser the other takes the nearest samples")
    func turnedToOtherDensity() {
        let plane = Plane(width: 2, height: 4, bytes: [1, 2, 3, 4, 5, 6, 7, 8])
        let turned = plane.turned(Orientation(turn: .quarter), width: 2, height: 4)
        #expect(turned.bytes == [7, 3, 7, 3, 8, 4, 8, 4])
    }

    @Test("an even area stays what it is at any scale", arguments: [0, 1, 127, 255] as [UInt8], [1, 7, 64, 99, 100])
    func even(value: UInt8, width: Int) {
        let plane = Plane(width: 100, height: 60, bytes: [UInt8](repeating: value, count: 6_000))
        #expect(plane.averaged(width: width, height: 31).bytes == [UInt8](repeating: value, count: width * 31))
    }
}
