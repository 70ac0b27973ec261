import NodeMedia

/// When to stop waiting for a camera: some drivers say that they stream and never deliver.
struct Patience {
    private let longest: ContinuousClock.Instant
    private let between: Duration
    private var lastFrame = ContinuousClock.now

    init(shot: Shot, framesPerSecond: Double) {
        // The first frame of some cameras takes two seconds, and in the dark some slow down to one frame a second.
        let frames = framesPerSecond > 0 ? Duration.seconds(4 / framesPerSecond) : .zero
        between = max(.seconds(3), frames)
        longest = .now + shot.longest(from: .now) + between
    }

    mutating func frameCame() {
        lastFrame = .now
    }

    var end: ContinuousClock.Instant { min(longest, lastFrame + between) }

    var isOver: Bool { end <= .now }
}
