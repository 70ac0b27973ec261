import NodeMedia
import Testing

@testable import CameraV4L2

@Suite("Frame stamp")
struct FrameStampTests {
    @Test(
        "a stamp counts, unless it is none, of the future, or of a clock that is not ours",
        arguments: [
            (900, false, 900), (1_000, false, 1_000), (1_065, false, 1_000), (0, false, 1_000),
            (1_700_000_000_000_000_000, false, 1_000), (900, true, 1_000), (1, false, 1),
        ] as [(Int64, Bool, Int64)])
    func time(stamp: Int64, isCopied: Bool, expected: Int64) {
        let frame = FrameStamp(nanoseconds: stamp, isCopied: isCopied)
        #expect(frame.time(dequeuedAt: MonotonicTime(nanoseconds: 1_000)).nanoseconds == expected)
    }
}
