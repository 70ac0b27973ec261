import LinuxIO
import NodeCamera
import NodeMedia
import Synchronization

/// One camera on a thread of its own. It goes on streaming after a picture until `closeIfUnused` is called, so that the next one is
/// only as far away as the camera's next frame.
///
/// Whoever has the thread, for a picture or to film, hands each frame that comes to all who film, and then the thread to whoever
/// else wants it. So a picture that is asked for during a clip is one of its frames, and neither waits for the other.
actor V4L2Camera: Camera {
    nonisolated let path: String
    private let lightMeter: any LightMeter
    private let thread = WorkerThread(name: "camera")
    let wakeup: Wakeup
    private let stills = Turn()
    var stream: V4L2Stream?
    /// Whether the exposure of the stream was once seen to have settled.
    private var isSettled = false
    let usage = Mutex(Usage())
    private let wasUsed: @Sendable () -> Void

    /// What is left of H.264 for frames that come without.
    private var parameters = H264.Parameters()
    private var count = FrameCount()

    struct Usage {
        /// Pictures and clips.
        var pending = 0
        /// Pictures and clips that wait for the thread, to begin.
        var waiting = 0
        var isTaking = false
        var films: [FrameSequence] = []
        var isStreaming = false
        var lastUse = ContinuousClock.now
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// `wasUsed` is called after each picture, on any thread.
    init(path: String, lightMeter: any LightMeter, wasUsed: @escaping @Sendable () -> Void) throws(CameraError) {
        self.path = path
        self.lightMeter = lightMeter
        self.wasUsed = wasUsed
        do throws(Errno) { wakeup = try Wakeup() } catch { throw CameraError(error, at: path) }
    }

    /// Since when it streams for nobody; nil while it is closed or somebody waits for a picture.
    nonisolated var unusedSince: ContinuousClock.Instant? {
        usage.withLock { $0.isStreaming && $0.pending == 0 ? $0.lastUse : nil }
    }

    /// Whether it streams, or is about to.
    nonisolated var isInUse: Bool { usage.withLock { $0.isStreaming || $0.pending > 0 } }

    /// Those who ask at the same time get their pictures one after the other.
    nonisolated func still(_ request: StillRequest) async throws(CameraError) -> Image {
        usage.withLock { $0.pending += 1 }
        defer { used() }
        do { try await stills.take() } catch { throw .cancelled }
        usage.withLock { $0.isTaking = true }
        defer {
            usage.withLock { $0.isTaking = false }
            stills.leave()
        }
        let wakeup = wakeup
        wantThread()
        let result = await withTaskCancellationHandler { () -> Result<Image, CameraError> in
            var begun: Attempt?
            while true {
                switch await capture(request, begun) {
                case .success(.picture(let image)): return .success(image)
                case .success(.waiting(let attempt)): begun = attempt
                case .failure(let error): return .failure(error)
                }
            }
        } onCancel: {
            wakeup.signal()
        }
        return try result.get()
    }

    /// Whoever has the thread lets go of it.
    nonisolated func wantThread() {
        usage.withLock { $0.waiting += 1 }
        wakeup.signal()
    }

    nonisolated func used() {
        usage.withLock { usage in
            usage.pending -= 1
            usage.lastUse = .now
        }
        wasUsed()
    }

    /// Lets go of the device unless it was used after `time`.
    func closeIfUnused(since time: ContinuousClock.Instant) {
        guard let unused = unusedSince, unused <= time else { return }
        close()
    }

    // MARK: Pictures

    /// A picture that is waited for.
    private struct Attempt {
        var shot: Shot
        var patience: Patience
        var isDamaged = false
        /// Whether the camera streamed before.
        let wasWarm: Bool
        let isSecond: Bool
    }

    private enum Progress {
        case picture(Image)
        /// Others want the thread.
        case waiting(Attempt)
    }

    private func capture(_ request: StillRequest, _ begun: Attempt?) -> Result<Progress, CameraError> {
        if begun == nil {
            usage.withLock { $0.waiting -= 1 }
            if isFilming, stream?.mode.isReadable == false {
                return .failure(.busy(path, by: ["a clip that is being recorded"]))
            }
        }
        do throws(CameraError) {
            let wasWarm = begun?.wasWarm ?? (stream != nil)
            do throws(CameraError) {
                guard let begun else { return .success(try take(begin(request, wasWarm: wasWarm, isSecond: false))) }
                return .success(try take(begun))
            } catch {
                guard begun?.isSecond != true, isWorthAnother(error, wasWarm: wasWarm) else { throw error }
                close(because: error)
                return .success(try take(begin(request, wasWarm: wasWarm, isSecond: true)))
            }
        } catch {
            // Whoever withdrew says nothing about the camera; all else is better begun anew.
            if error != .cancelled { close(because: error) }
            return .failure(meaning(of: error))
        }
    }

    /// While it is being started, a camera that is pulled out fails like any other; but then its node goes.
    func meaning(of error: CameraError) -> CameraError {
        if case .failed = error, DeviceFiles.destination(of: path) == nil { return .gone(path) }
        return error
    }

    private func isWorthAnother(_ error: CameraError, wasWarm: Bool) -> Bool {
        switch error {
        // Unplugged since the last picture: it may have been plugged in again.
        case .gone: wasWarm
        // A driver that says "EIO" delivers nothing more until it is switched off and on.
        case .failed: stream != nil
        default: false
        }
    }

    private func begin(
        _ request: StillRequest, wasWarm: Bool, isSecond: Bool
    ) throws(CameraError) -> Attempt {
        // Nobody waits for it any more: the camera is not switched on.
        if Task.isCancelled { throw .cancelled }
        if !isFilming, let serves = stream?.serves(.picture(request.maxWidth)), !serves { close() }
        if stream == nil { try open(for: .picture(request.maxWidth)) } else { try dropOld() }
        guard let startedAt = stream?.startedAt, let rate = stream?.mode.framesPerSecond else { throw .gone(path) }
        let shot = Shot(request: request, streamingSince: startedAt, isSettled: isSettled)
        return Attempt(
            shot: shot, patience: Patience(shot: shot, framesPerSecond: rate), wasWarm: wasWarm, isSecond: isSecond)
    }

    private func take(_ begun: Attempt) throws(CameraError) -> Progress {
        var attempt = begun
        while true {
            try waitForFrame(until: attempt.patience.end)
            let meter = lightMeter
            var shot = attempt.shot
            let outcome = try withFrame { time, isDamaged, image -> (isWhole: Bool, image: Image?) in
                guard !isDamaged else { return (false, nil) }
                // What is too old anyway is not looked at.
                guard shot.isLateEnough(time) else { return (true, nil) }
                guard let image = image() else { return (false, nil) }
                guard shot.needsLight else { return (true, image) }
                let luminance = meter.meanLuminance(of: image)
                return (luminance != nil, shot.accepts(luminance: luminance, at: time) ? image : nil)
            }
            attempt.shot = shot
            switch outcome {
            case (_, let image?)?:
                isSettled = isSettled || shot.hasSettled
                return .picture(image)
            case (true, nil)?: attempt.patience.frameCame()
            // Something is wrong with this frame; waiting is right unless it never ends.
            case (false, nil)?: attempt.isDamaged = true
            // The driver announced a frame that is not there: it must not be asked at full speed.
            case nil: try pause(.milliseconds(5))
            }
            if attempt.patience.isOver { throw attempt.isDamaged ? .damaged(path) : .noFrame(path) }
            if usage.withLock({ $0.waiting > 0 || !$0.films.isEmpty }) { return .waiting(attempt) }
        }
    }

    /// Other programs let go of a camera when theirs ends, and drivers a moment later: a busy one is tried for two seconds.
    func open(for purpose: V4L2Stream.Purpose) throws(CameraError) {
        let end = ContinuousClock.now + .seconds(2)
        while true {
            do throws(CameraError) {
                stream = try V4L2Stream(opening: path, for: purpose)
                isSettled = false
                parameters = H264.Parameters()
                count = FrameCount()
                usage.withLock { $0.isStreaming = true }
                return
            } catch {
                guard case .busy = error else { throw error }
                guard ContinuousClock.now < end else { throw .busy(path, by: DeviceHolders().names(of: path)) }
            }
            try pause(.milliseconds(50))
        }
    }

    /// Those who film are told why: what comes after that would not belong to the same clip.
    func close(because error: CameraError? = nil) {
        stream = nil
        let films = usage.withLock { usage in
            usage.isStreaming = false
            defer { usage.films = [] }
            return usage.films
        }
        for film in films { film.finish(meaning(of: error ?? .gone(path))) }
    }

    /// Gives back the frames that waited since the last picture, so that the driver has room for a new one at once.
    func dropOld() throws(CameraError) {
        // No driver has more buffers than 32 (VIDEO_MAX_FRAME).
        for _ in 0..<32 {
            guard try withFrame({ _, _, _ in true }) == true else { return }
        }
    }

    // MARK: Frames

    /// What `look` makes of the oldest frame that has arrived, of whether it is damaged and of the picture in it, after those who film
    /// have it; nil when none has.
    func withFrame<R>(
        _ look: (_ time: MonotonicTime, _ isDamaged: Bool, _ image: () -> Image?) -> R
    ) throws(CameraError) -> R? {
        let films = usage.withLock { $0.films }
        var (parameters, count) = (parameters, count)
        let result = try stream?.withFrame { frame in
            // It goes nowhere, but 6.0.3 does not see that.
            nonisolated(unsafe) let frame = frame
            if count.hasGap(before: frame.sequence) { for film in films { film.frameWasLost() } }
            guard !films.isEmpty else { return look(frame.time, frame.isDamaged) { stream?.image(of: frame) } }
            var image = frame.isDamaged ? nil : stream?.image(of: frame)
            if let encoded = image, encoded.format == .h264 {
                image = Image(
                    width: encoded.width, height: encoded.height, format: .h264,
                    bytes: parameters.complete(encoded.bytes), capturedAt: encoded.capturedAt)
            }
            for film in films {
                if let image { film.offer(image) } else { film.frameWasLost() }
            }
            return look(frame.time, frame.isDamaged) { image }
        }
        (self.parameters, self.count) = (parameters, count)
        // All are asked, for each says so once.
        if !films.filter({ $0.takeKeyFrameRequest() }).isEmpty { stream?.requestKeyFrame() }
        return result
    }

    private func waitForFrame(until end: ContinuousClock.Instant) throws(CameraError) {
        guard let descriptor = stream?.descriptor else { throw .gone(path) }
        try wait(descriptor, until: end)
    }

    func pause(_ duration: Duration) throws(CameraError) {
        try wait(-1, until: .now + duration)
    }

    /// Returns when `descriptor` has something or `end` has come; throws as soon as the asker withdraws. The signal may have been for
    /// another request, which then waits its turn and sees for itself.
    private func wait(_ descriptor: CInt, until end: ContinuousClock.Instant) throws(CameraError) {
        do throws(Errno) {
            while !Task.isCancelled {
                if try wakeup.waitUntilReadable(descriptor, deadline: end) != .signalled { return }
                wakeup.reset()
            }
        } catch { throw CameraError(error, at: path) }
        throw .cancelled
    }
}
