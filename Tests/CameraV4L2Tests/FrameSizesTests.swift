import Testing

@testable import CameraV4L2

@Suite("Frame sizes")
struct FrameSizesTests {
    private func range(_ least: (Int, Int), _ most: (Int, Int), _ step: (Int, Int)) -> [String] {
        FrameSizes.stepwise(
            least: .init(width: least.0, height: least.1), most: .init(width: most.0, height: most.1),
            step: .init(width: step.0, height: step.1)
        ).offered.map { "\($0.width)x\($0.height)" }
    }

    @Test("a list is offered as it is")
    func discrete() {
        let sizes = [FrameSizes.Size(width: 800, height: 448), FrameSizes.Size(width: 640, height: 480)]
        #expect(FrameSizes.discrete(sizes).offered == sizes)
    }

    @Test("of a range the usual sizes that it holds are offered, and its largest")
    func stepwise() {
        #expect(
            range((16, 16), (1000, 700), (2, 2)) == ["320x180", "320x240", "640x360", "640x480", "800x600", "1000x700"])
        #expect(range((48, 32), (800, 600), (16, 16)) == ["320x240", "640x480"])
        #expect(range((640, 480), (640, 480), (0, 0)) == ["640x480"])
    }
}
