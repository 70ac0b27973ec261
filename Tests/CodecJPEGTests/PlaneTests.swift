import Testing

@testable import CodecJPEG

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

    @Test("an even area stays what it is at any scale", arguments: [0, 1, 127, 255] as [UInt8], [1, 7, 64, 99, 100])
    func even(value: UInt8, width: Int) {
        let plane = Plane(width: 100, height: 60, bytes: [UInt8](repeating: value, count: 6_000))
        #expect(plane.averaged(width: width, height: 31).bytes == [UInt8](repeating: value, count: width * 31))
    }
}
