import Testing

@testable import WebSocket

@Suite struct FramePaceTests {
    /// The size of the frames that a line of so many bytes a second is given in the end.
    private func size(at rate: Int) -> Int {
        var pace = FramePace()
        for _ in 0..<20 { pace.passed(in: .microseconds(pace.size * 1_000_000 / rate)) }
        return pace.size
    }

    @Test("a frame passes in a quarter of a second", arguments: [16_000, 64_000, 100_000, 300_000, 1_000_000])
    func slow(rate: Int) {
        #expect(Double(size(at: rate)) / Double(rate) <= 0.26)
    }

    @Test("on a fast line it is as large as frames get") func fast() {
        #expect(size(at: 10_000_000) == OutgoingFragments.size)
        var pace = FramePace()
        for _ in 0..<14 { pace.passed(in: .zero) }
        #expect(pace.size == OutgoingFragments.size)
    }

    @Test("what the kernel has only put away does not pass for a fast line") func swallowed() {
        var pace = FramePace()
        for _ in 0..<20 {
            for _ in 0..<4 { pace.passed(in: .zero) }
            pace.passed(in: .milliseconds(240))
        }
        #expect(pace.size == FramePace().size)
    }

    @Test("not even the first is so large that a slow line is busy with it for long") func first() {
        #expect(FramePace().size <= 64_000 / 3)
    }
}
