import NodeMedia

/// Which frames wait for one who films: those that were not fetched in time give way to newer ones.
struct FrameQueue {
    private let isDifferential: Bool
    private let capacity: Int
    private var frames: [Image] = []
    /// Nothing else is taken.
    private var needsKeyFrame: Bool {
        didSet { isRequestDue = needsKeyFrame }
    }
    private var isRequestDue: Bool

    init(of format: PixelFormat) {
        // What only says how it differs from the last frame must not be missed, and is small: ten seconds of it may wait, as long
        // as an encoder may say nothing before it counts as dead.
        isDifferential = format == .h264
        capacity = isDifferential ? 300 : 2
        needsKeyFrame = isDifferential
        isRequestDue = isDifferential
    }

    mutating func add(_ frame: Image) {
        if needsKeyFrame, !H264.isKeyFrame(frame.bytes) { return }
        if needsKeyFrame { needsKeyFrame = false }
        if frames.count < capacity { return frames.append(frame) }
        if isDifferential { return skipToKeyFrame() }
        frames.removeFirst()
        frames.append(frame)
    }

    mutating func removeFirst() -> Image? {
        frames.isEmpty ? nil : frames.removeFirst()
    }

    /// One that would have come now: those up to the next key frame are of no use.
    mutating func frameWasLost() {
        if isDifferential { needsKeyFrame = true }
    }

    /// Whether the camera should be asked for a key frame; once for each time that one is needed.
    mutating func takeRequest() -> Bool {
        defer { isRequestDue = false }
        return isRequestDue
    }

    /// The same, and what waits is of no use either.
    mutating func skipToKeyFrame() {
        guard isDifferential else { return }
        frames = []
        needsKeyFrame = true
    }

    /// After one that was fetched turned out to be of no use: the first that waits is then a key frame, or the next that comes.
    mutating func dropToKeyFrame() {
        guard isDifferential else { return }
        guard let index = frames.firstIndex(where: { H264.isKeyFrame($0.bytes) }) else { return skipToKeyFrame() }
        frames.removeFirst(index)
    }
}
