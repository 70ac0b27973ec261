import LinuxIO
import NodeMedia

/// What one screen shows, for a recording of a known length: a picture when it has changed, never more than so many a second, and one
/// at the end, so that a desktop on which nothing moves costs two.
actor ScreenPictures: ClipPictures {
    nonisolated let areNeeded = true
    /// Reducing pictures and turning their colours takes milliseconds.
    private nonisolated let thread = WorkerThread(name: "screen")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let screen: any Screen
    private let converter: any PictureConverter
    private let video: ClipPlan.Video
    private let duration: Duration
    private let timekeeper: any Timekeeper

    private struct Progress {
        /// When the last picture was due, not when it came: what comes late must not make all others late.
        var due: MonotonicTime
        /// Of the last picture.
        var time: MonotonicTime
        /// The last picture's time, a picture's length before the end.
        let closing: MonotonicTime
        let end: MonotonicTime
    }

    private var progress: Progress?
    /// The last picture as encoders take it. What changes is drawn into it, as long as nobody else has it.
    private var planar: Image?

    init(
        _ screen: any Screen, _ converter: any PictureConverter, _ video: ClipPlan.Video, for duration: Duration,
        timekeeper: any Timekeeper
    ) {
        self.screen = screen
        self.converter = converter
        self.video = video
        self.duration = duration
        self.timekeeper = timekeeper
    }

    private var period: Duration { .seconds(1 / video.framesPerSecond) }

    func next() async throws -> Image {
        guard let shown = progress else {
            let first = try converted(try await screen.picture())
            let end = first.capturedAt + duration
            progress = Progress(
                due: first.capturedAt, time: first.capturedAt,
                closing: max(first.capturedAt, end + (.zero - period)), end: end)
            return first
        }
        if shown.time >= shown.closing, let planar {
            try await sleep(until: shown.end)
            return planar.stamped(shown.end)
        }
        let due = min(max(shown.due + period, .now), shown.closing)
        try await sleep(until: due)
        let picture = try await picture(before: shown.closing)
        progress?.due = due
        progress?.time = picture.capturedAt
        return picture
    }

    /// The next that is different; the one that the screen has at `closing` when nothing changes before.
    private func picture(before closing: MonotonicTime) async throws -> Image {
        let (screen, period) = (screen, period)
        let left = MonotonicTime.now.duration(to: closing)
        let change = await timekeeper.within(left) { () -> Result<Image, ScreenError> in
            do throws(ScreenError) { return .success(try await screen.change(lookingEvery: period)) } catch {
                return .failure(error)
            }
        }
        try Task.checkCancellation()
        if let change {
            let picture = try converted(try change.get())
            return picture.capturedAt < closing ? picture : picture.stamped(closing)
        }
        return try converted(try await screen.picture()).stamped(closing)
    }

    private func sleep(until time: MonotonicTime) async throws {
        try await timekeeper.sleep(for: MonotonicTime.now.duration(to: time))
    }

    private func converted(_ picture: Image) throws(MediaError) -> Image {
        try converter.yuv420(picture, width: video.width, height: video.height, after: &planar)
    }
}

extension Image {
    /// The same at another time.
    fileprivate func stamped(_ time: MonotonicTime) -> Image {
        Image(width: width, height: height, format: format, bytes: bytes, capturedAt: time)
    }
}
