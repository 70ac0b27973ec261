/// How large the frames of a message may be for what is urgent, and goes between two of them, not to wait long for one: as large
/// as what passes in a quarter of a second.
///
/// A line shows how fast it is when the kernel takes no more. Until then a frame is small, and soon it is not.
struct FramePace {
    private static let smallest = 4 << 10
    /// The kernel takes as much at once on the slowest of lines, and lets it wait.
    private static let swallowed = 192 << 10

    private(set) var size = 16 << 10
    private var takenAtOnce = 0

    /// The kernel has taken everything, after `time`; zero: at once.
    mutating func passed(in time: Duration) {
        takenAtOnce = time == .zero ? takenAtOnce + size : 0
        if time > .milliseconds(250) {
            size = max(size / 2, Self.smallest)
        } else if time < .milliseconds(60), time > .zero || takenAtOnce > Self.swallowed {
            size = min(size * 2, OutgoingFragments.size)
        }
    }
}
