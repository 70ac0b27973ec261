import Glibc
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

    @Test("a loopback device's writer may say any time", arguments: [Int.max, Int.min])
    func any(number: Int) {
        let frame = FrameStamp(timeval(tv_sec: number, tv_usec: number), isCopied: true)
        #expect(frame.time(dequeuedAt: MonotonicTime(nanoseconds: 1_000)).nanoseconds == 1_000)
    }

    @Test("seconds and microseconds make nanoseconds") func parts() {
        #expect(FrameStamp(timeval(tv_sec: 2, tv_usec: 3), isCopied: false).nanoseconds == 2_000_003_000)
    }
}
