import NodeCamera
import NodeMedia
import Testing

@Suite("Settling")
struct SettlingTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000)

    /// The number of the first frame that is accepted, of one every 100 ms.
    private func accepted(_ frames: [Double?]) -> Int? {
        var settling = Settling(start: start)
        return frames.enumerated().first { index, luminance in
            settling.accepts(luminance: luminance, at: start + .milliseconds(100 * (index + 1)))
        }?.offset
    }

    @Test(
        "three frames of one brightness are enough, but never before 300 ms",
        arguments: [
            ([100, 100, 100, 100], 2),
            ([10, 60, 100, 118, 119, 120], 5),
            ([100, 102.1, 100, 100, 100], 4),
            ([100, 101, 100], 2),
            ([0, 0, 0], 2),
            ([3, 3.2, 3.4], 2),
            ([3, 3.4, 3.8, 3.9, 3.9], 4),
            ([100, nil, 100, 100], 3),
        ] as [([Double?], Int)])
    func frames(luminances: [Double?], first: Int) {
        #expect(accepted(luminances) == first)
    }

    @Test("a fast camera is looked at for 300 ms all the same")
    func fast() {
        var settling = Settling(start: start)
        for milliseconds in stride(from: 10, to: 300, by: 10) {
            let early = settling.accepts(luminance: 100, at: start + .milliseconds(milliseconds))
            #expect(!early)
        }
        let inTime = settling.accepts(luminance: 100, at: start + .milliseconds(300))
        #expect(inTime)
    }

    @Test("what never settles is taken after two seconds, seen or not")
    func bounded() {
        #expect(accepted((0..<30).map { $0 % 2 == 0 ? 50 : 200 }) == 19)
        #expect(accepted([Double?](repeating: nil, count: 30)) == 19)
    }

    @Test("a camera that has streamed for two seconds needs no looking at")
    func over() {
        #expect(!Settling.isOver(since: start, at: start + .milliseconds(1_999)))
        #expect(Settling.isOver(since: start, at: start + .seconds(2)))
    }
}
