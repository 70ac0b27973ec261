import NodeMedia

/// When to stop waiting for a camera: some drivers say that they stream and never deliver.
struct Patience {
    /// Nil where frames are wanted for as long as they come.
    private let longest: ContinuousClock.Instant?
    private let between: Duration
    private var lastFrame = ContinuousClock.now

    /// `shot`: the picture that is waited for.
    init(shot: Shot? = nil, framesPerSecond: Double) {
        // The first frame of some cameras takes two seconds, and in the dark some slow down to one frame a second.
        let frames = framesPerSecond > 0 ? Duration.seconds(4 / framesPerSecond) : .zero
        between = max(.seconds(3), frames)
        let between = between
        longest = shot.map { .now + $0.longest(from: .now) + between }
    }

    mutating func frameCame() {
        lastFrame = .now
    }

    var end: ContinuousClock.Instant { min(longest ?? lastFrame + between, lastFrame + between) }

    var isOver: Bool { end <= .now }
}
