import Glibc
import NodeMedia

/// What a driver wrote on a frame, in the kernel's monotonic time wherever a driver knows what time it is.
///
/// Most USB cameras' drivers stamp the start of the exposure, others the end of the transfer
/// (`V4L2_BUF_FLAG_TSTAMP_SRC_…`): there a picture whose exposure was running when it was asked for counts as new.
struct FrameStamp {
    let nanoseconds: Int64
    /// It is whatever another program said, on a clock of its own: a loopback device passes it on.
    let isCopied: Bool

    /// Never later than the frame was there. A stamp that is none, or on a clock that is not this one, counts as that moment.
    func time(dequeuedAt now: MonotonicTime) -> MonotonicTime {
        isCopied || nanoseconds <= 0 ? now : min(MonotonicTime(nanoseconds: nanoseconds), now)
    }
}

extension FrameStamp {
    /// What is beyond all times wraps around: a loopback device passes on what any program has written.
    init(_ time: timeval, isCopied: Bool) {
        self.init(
            nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_usec) &* 1_000, isCopied: isCopied)
    }
}
