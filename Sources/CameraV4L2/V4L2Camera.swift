import LinuxIO
import NodeCamera
import NodeMedia
import Synchronization

/// One camera on a thread of its own. It goes on streaming after a picture until `closeIfUnused` is called, so that the next one is
/// only as far away as the camera's next frame.
actor V4L2Camera: Camera {
    nonisolated let path: String
    private let lightMeter: any LightMeter
    private let thread = WorkerThread(name: "camera")
    private let wakeup: Wakeup
    private var stream: V4L2Stream?
    /// Whether the exposure of the stream was once seen to have settled.
    private var isSettled = false
    private let usage = Mutex(Usage())
    private let wasUsed: @Sendable () -> Void

    private struct Usage {
        var pending = 0
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
        defer {
            usage.withLock { usage in
                usage.pending -= 1
                usage.lastUse = .now
            }
            wasUsed()
        }
        let wakeup = wakeup
        let result = await withTaskCancellationHandler {
            await capture(request)
        } onCancel: {
            wakeup.signal()
        }
        return try result.get()
    }

    /// Lets go of the device unless it was used after `time`.
    func closeIfUnused(since time: ContinuousClock.Instant) {
        guard let unused = unusedSince, unused <= time else { return }
        close()
    }

    private func capture(_ request: StillRequest) -> Result<Image, CameraError> {
        do throws(CameraError) {
            let wasWarm = stream != nil
            do throws(CameraError) { return .success(try take(request)) } catch {
                guard isWorthAnother(error, wasWarm: wasWarm) else { throw error }
                close()
                return .success(try take(request))
            }
        } catch {
            // Whoever withdrew says nothing about the camera; all else is better begun anew.
            if error != .cancelled { close() }
            // While it is being started, a camera that is pulled out fails like any other; but then its node goes.
            if case .failed = error, DeviceFiles.destination(of: path) == nil { return .failure(.gone(path)) }
            return .failure(error)
        }
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

    private func take(_ request: StillRequest) throws(CameraError) -> Image {
        // Nobody waits for it any more: the camera is not switched on.
        if Task.isCancelled { throw .cancelled }
        if let serves = stream?.serves(width: request.maxWidth), !serves { close() }
        if stream == nil { try open(covering: request.maxWidth) } else { try dropOld() }
        guard let startedAt = stream?.startedAt, let rate = stream?.mode.framesPerSecond else { throw .gone(path) }
        var shot = Shot(request: request, streamingSince: startedAt, isSettled: isSettled)
        var patience = Patience(shot: shot, framesPerSecond: rate)
        var isDamaged = false
        while true {
            try waitForFrame(until: patience.end)
            let meter = lightMeter
            let outcome = try stream?.withFrame { frame -> (isWhole: Bool, image: Image?) in
                guard !frame.isDamaged else { return (false, nil) }
                // What is too old anyway is not looked at.
                guard shot.isLateEnough(frame.time) else { return (true, nil) }
                guard let image = stream?.image(of: frame) else { return (false, nil) }
                guard shot.needsLight else { return (true, image) }
                let luminance = Self.luminance(of: image, by: meter)
                return (luminance != nil, shot.accepts(luminance: luminance, at: frame.time) ? image : nil)
            }
            switch outcome {
            case (_, let image?)?:
                isSettled = isSettled || shot.hasSettled
                return image
            case (true, nil)?: patience.frameCame()
            // Something is wrong with this frame; waiting is right unless it never ends.
            case (false, nil)?: isDamaged = true
            // The driver announced a frame that is not there: it must not be asked at full speed.
            case nil: try pause(.milliseconds(5))
            }
            if patience.isOver { throw isDamaged ? .damaged(path) : .noFrame(path) }
        }
    }

    /// Other programs let go of a camera when theirs ends, and drivers a moment later: a busy one is tried for two seconds.
    private func open(covering width: Int) throws(CameraError) {
        let end = ContinuousClock.now + .seconds(2)
        while true {
            do throws(CameraError) {
                stream = try V4L2Stream(opening: path, covering: width)
                isSettled = false
                usage.withLock { $0.isStreaming = true }
                return
            } catch {
                guard case .busy = error else { throw error }
                guard ContinuousClock.now < end else { throw .busy(path, by: DeviceHolders().names(of: path)) }
            }
            try pause(.milliseconds(50))
        }
    }

    private func close() {
        stream = nil
        usage.withLock { $0.isStreaming = false }
    }

    /// Gives back the frames that waited since the last picture, so that the driver has room for a new one at once.
    private func dropOld() throws(CameraError) {
        // No driver has more buffers than 32 (VIDEO_MAX_FRAME).
        for _ in 0..<32 {
            guard try stream?.withFrame({ _ in true }) == true else { return }
        }
    }

    private func waitForFrame(until end: ContinuousClock.Instant) throws(CameraError) {
        guard let descriptor = stream?.descriptor else { throw .gone(path) }
        try wait(descriptor, until: end)
    }

    private func pause(_ duration: Duration) throws(CameraError) {
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

    private static func luminance(of image: Image, by meter: any LightMeter) -> Double? {
        guard !image.format.isJPEG else { return image.bytes.withUnsafeBytes { meter.meanLuminance(jpeg: $0) } }
        // One sample in sixteen tells as much as all.
        let samples = stride(from: 0, to: image.width * image.height, by: 16)
        return Double(samples.reduce(0) { $0 + Int(image.bytes[$1]) }) / Double(max(1, image.width * image.height / 16))
    }
}
