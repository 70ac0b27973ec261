import NodeMedia
import Synchronization

/// A camera's frames for one who films, in their order. The camera waits for nobody; see `FrameQueue`.
package final class FrameSequence: Sendable {
    private struct State {
        var queue: FrameQueue
        var end: CameraError?
        var reader: CheckedContinuation<Result<Image, CameraError>, Never>?
    }

    private let state: Mutex<State>
    /// Those that only say how they differ from the last.
    package let areNeeded: Bool

    /// H.264 begins with a key frame.
    package init(of format: PixelFormat) {
        areNeeded = format == .h264
        state = Mutex(State(queue: FrameQueue(of: format)))
    }

    /// Waits for the next frame; one task at a time. After the last one it throws why there are no more, and
    /// `CameraError.cancelled` as soon as the task is cancelled.
    package func next() async throws(CameraError) -> Image {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Result<Image, CameraError>? = state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if Task.isCancelled { return .failure(.cancelled) }
                    if let frame = state.queue.removeFirst() { return .success(frame) }
                    if let end = state.end { return .failure(end) }
                    state.reader = continuation
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            state.withLock { $0.reader.take() }?.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }

    /// Hands a frame on without waiting.
    package func offer(_ frame: Image) {
        let handover = state.withLock { state -> (CheckedContinuation<Result<Image, CameraError>, Never>, Image)? in
            state.queue.add(frame)
            guard state.reader != nil, let frame = state.queue.removeFirst(), let reader = state.reader.take() else {
                return nil
            }
            return (reader, frame)
        }
        if let (reader, frame) = handover { reader.resume(returning: .success(frame)) }
    }

    /// There are no more frames, because of `error`.
    package func finish(_ error: CameraError) {
        let reader = state.withLock { state in
            state.end = state.end ?? error
            return state.reader.take()
        }
        reader?.resume(returning: .failure(error))
    }

    /// One that was to come now: those that need it are not given out.
    package func frameWasLost() {
        state.withLock { $0.queue.frameWasLost() }
    }

    /// Whether a camera that can be asked for a key frame should be; says so once for each time that one is needed.
    package func takeKeyFrameRequest() -> Bool {
        state.withLock { $0.queue.takeRequest() }
    }

    /// What waits is too old: what is given out begins with the next key frame.
    package func skipToKeyFrame() {
        state.withLock { $0.queue.skipToKeyFrame() }
    }

    /// The last frame that was given out could not be used: those that need it are not given out.
    package func dropToKeyFrame() {
        state.withLock { $0.queue.dropToKeyFrame() }
    }
}

extension FrameSequence: ClipPictures {}
