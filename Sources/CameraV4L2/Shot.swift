import NodeCamera
import NodeMedia

/// Which of the frames that come is the picture asked for.
struct Shot {
    /// Only frames stamped from here on count.
    private let earliest: MonotonicTime
    private var settling: Settling?
    /// Whether the camera was seen to settle, here or before.
    private(set) var hasSettled: Bool

    /// `isSettled`: it was seen to on this stream before.
    init(request: StillRequest, streamingSince start: MonotonicTime, isSettled: Bool) {
        hasSettled = isSettled || Settling.isOver(since: start, at: request.askedAt)
        let begin = max(request.askedAt, start)
        switch request.warmUp {
        case .exactly(let delay): earliest = begin + delay
        case .untilSettled:
            earliest = begin
            settling = hasSettled ? nil : Settling(start: start)
        }
    }

    /// How long the picture may take beside the time until a frame comes.
    func longest(from now: MonotonicTime) -> Duration {
        max(.zero, now.duration(to: earliest)) + (settling == nil ? .zero : Settling.atMost)
    }

    var needsLight: Bool { settling != nil }

    func isLateEnough(_ time: MonotonicTime) -> Bool { time >= earliest }

    /// For a frame that is late enough; see `Settling`.
    mutating func accepts(luminance: Double?, at time: MonotonicTime) -> Bool {
        guard let isSettled = settling?.accepts(luminance: luminance, at: time) else { return true }
        hasSettled = hasSettled || isSettled
        return isSettled
    }
}
