import Testing

@testable import CodecJPEG

@Suite("Encoding plan")
struct EncodingPlanTests {
    @Test(
        "quality goes down to a half, then the width by fifths, in eight tries",
        arguments: [
            (0.9, [0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5], [1000, 1000, 1000, 1000, 1000, 800, 640, 512]),
            (0.95, [0.95, 0.85, 0.75, 0.65, 0.55, 0.5, 0.5, 0.5], [1000, 1000, 1000, 1000, 1000, 1000, 800, 640]),
            (0.3, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3], [1000, 800, 640, 512, 409, 327, 261, 208]),
        ])
    func plan(quality: Double, qualities: [Double], widths: [Int]) {
        let attempts = EncodingPlan(width: 1000, quality: quality).attempts
        #expect(attempts.map(\.quality) == qualities)
        #expect(attempts.map(\.width) == widths)
    }

    @Test("nothing gets narrower than two pixels")
    func narrow() {
        #expect(EncodingPlan(width: 3, quality: 0.5).attempts.map(\.width) == [3, 2])
    }
}
