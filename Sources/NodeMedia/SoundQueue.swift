import Synchronization

/// A microphone's sound for one who encodes it. It is read as it comes, so that no device overruns while an encoder starts or is slow, and
/// handed on in larger pieces the longer it has waited.
package final class SoundQueue: Sendable {
    private struct State {
        var chunks: [SoundChunk] = []
        /// Samples of one channel.
        var length = 0
        var isFinished = false
        var reader: CheckedContinuation<SoundChunk?, Never>?
    }

    /// As long as an encoder may say nothing before it counts as dead. Of more the oldest is dropped: in the file it is silence.
    static let capacity = Duration.seconds(10)
    /// What is handed on at once, at most.
    private static let piece = Duration.milliseconds(200)
    /// Times are not known better than that; what is further apart was lost in between.
    private static let gap = Duration.milliseconds(100)

    private let format: SoundFormat
    private let state = Mutex(State())

    package init(_ format: SoundFormat) {
        self.format = format
    }

    /// Never waits.
    package func add(_ chunk: SoundChunk) {
        let handover = state.withLock { state -> (CheckedContinuation<SoundChunk?, Never>, SoundChunk)? in
            guard !state.isFinished else { return nil }
            state.chunks.append(chunk)
            state.length += length(chunk)
            while state.length > samples(in: Self.capacity), state.chunks.count > 1 {
                state.length -= length(state.chunks.removeFirst())
            }
            guard state.reader != nil, let next = take(&state), let reader = state.reader.take() else { return nil }
            return (reader, next)
        }
        if let (reader, chunk) = handover { reader.resume(returning: chunk) }
    }

    /// Nothing more comes; what is there is still handed on.
    package func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            return state.reader.take()
        }
        reader?.resume(returning: nil)
    }

    /// Waits for sound; one task at a time. Nil after the last, and as soon as the task is cancelled.
    package func next() async -> SoundChunk? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: SoundChunk?? = state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if Task.isCancelled { return .some(nil) }
                    if let chunk = take(&state) { return chunk }
                    if state.isFinished { return .some(nil) }
                    state.reader = continuation
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            state.withLock { $0.reader.take() }?.resume(returning: nil)
        }
    }

    /// What has waited longest, and what follows it without a gap.
    private func take(_ state: inout State) -> SoundChunk? {
        guard let first = state.chunks.first else { return nil }
        var samples = first.samples
        var count = 1
        for chunk in state.chunks.dropFirst() {
            let end = first.capturedAt + .seconds(Double(samples.count / format.channels) / Double(format.sampleRate))
            guard samples.count / format.channels + length(chunk) <= self.samples(in: Self.piece),
                end.duration(to: chunk.capturedAt) < Self.gap
            else { break }
            samples += chunk.samples
            count += 1
        }
        state.chunks.removeFirst(count)
        state.length -= samples.count / format.channels
        return SoundChunk(samples: samples, capturedAt: first.capturedAt)
    }

    private func length(_ chunk: SoundChunk) -> Int { chunk.samples.count / format.channels }

    private func samples(in duration: Duration) -> Int { Int(duration / .seconds(1) * Double(format.sampleRate)) }
}
