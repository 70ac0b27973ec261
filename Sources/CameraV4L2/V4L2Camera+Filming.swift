import LinuxIO
import NodeCamera
import NodeMedia

extension V4L2Camera {
    var isFilming: Bool { usage.withLock { !$0.films.isEmpty } }

    nonisolated func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        usage.withLock { $0.pending += 1 }
        defer { used() }
        let wakeup = wakeup
        wantThread()
        let (video, frames) = try await withTaskCancellationHandler {
            await join(request)
        } onCancel: {
            wakeup.signal()
        }.get()
        defer { usage.withLock { $0.films.removeAll { $0 === frames } } }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await withTaskCancellationHandler {
                    while !Task.isCancelled, await self.handOn(for: frames) {}
                } onCancel: {
                    wakeup.signal()
                }
            }
            defer { group.cancelAll() }
            return try await body(video, frames)
        }
    }

    private func join(_ request: FilmRequest) -> Result<(ClipPlan.Video, FrameSequence), CameraError> {
        usage.withLock { $0.waiting -= 1 }
        do throws(CameraError) {
            if Task.isCancelled { throw .cancelled }
            // A picture that is being waited for is not to come from a camera that has just been switched on.
            if usage.withLock({ $0.films.isEmpty && !$0.isTaking }) {
                if let serves = stream?.serves(.film(request)), !serves { close() }
                // One that was unplugged since the last picture may have been plugged in again.
                do throws(CameraError) { try dropOld() } catch { close() }
            }
            if stream == nil { try open(for: .film(request)) }
            guard let mode = stream?.mode else { throw .gone(path) }
            // What frames are converted to.
            let format: PixelFormat = mode.format.isJPEG ? .mjpeg : mode.format == .h264 ? .h264 : .yuv420
            let frames = FrameSequence(of: format)
            usage.withLock { $0.films.append(frames) }
            let rate = mode.framesPerSecond > 0 ? mode.framesPerSecond : FilmRequest.framesPerSecond
            let video = ClipPlan.Video(format: format, width: mode.width, height: mode.height, framesPerSecond: rate)
            return .success((video, frames))
        } catch {
            if error != .cancelled, !isFilming { close() }
            return .failure(meaning(of: error))
        }
    }

    /// Takes frames for those who film, until somebody else wants the thread: true if there is more to be done after that.
    private func handOn(for frames: FrameSequence) -> Bool {
        do throws(CameraError) {
            var patience = Patience(framesPerSecond: stream?.mode.framesPerSecond ?? 0)
            var isDamaged = false
            while usage.withLock({ $0.waiting == 0 }) {
                let films = usage.withLock { $0.films }
                guard !Task.isCancelled, films.contains(where: { $0 === frames }) else { return false }
                guard let descriptor = stream?.descriptor else { return false }
                if try isReadable(descriptor, until: patience.end) {
                    switch try withFrame({ _, isDamaged, _ in !isDamaged }) {
                    case true?: patience.frameCame()
                    case false?: isDamaged = true
                    // The driver announced a frame that is not there: it must not be asked at full speed.
                    case nil: try pause(.milliseconds(5))
                    }
                }
                if patience.isOver { throw isDamaged ? .damaged(path) : .noFrame(path) }
                // They take turns, so that each can end.
                if films.count > 1 { return true }
            }
            return true
        } catch {
            if error != .cancelled { close(because: error) }
            return false
        }
    }

    /// False as soon as somebody has something to say, and at `end`.
    private func isReadable(_ descriptor: CInt, until end: ContinuousClock.Instant) throws(CameraError) -> Bool {
        do throws(Errno) {
            let outcome = try wakeup.waitUntilReadable(descriptor, deadline: end)
            if outcome == .signalled { wakeup.reset() }
            return outcome == .readable
        } catch { throw CameraError(error, at: path) }
    }
}
