/// The time of a clip: from its first frame's on, for its duration.
struct ClipWindow: Equatable, Sendable {
    let start: MonotonicTime
    let end: MonotonicTime

    init(start: MonotonicTime, duration: Duration) {
        self.start = start
        end = start + duration
    }

    /// What of `chunk` belongs to the clip; nil when nothing does.
    func part(of chunk: SoundChunk, _ format: SoundFormat) -> SoundChunk? {
        let count = chunk.samples.count / format.channels
        // The first sample at or after that time.
        func index(of time: MonotonicTime) -> Int {
            let nanoseconds = chunk.capturedAt.duration(to: time) / .nanoseconds(1)
            let index = (nanoseconds * Double(format.sampleRate) / 1e9).rounded(.up)
            return Int(min(max(index, 0), Double(count)))
        }
        let (first, last) = (index(of: start), index(of: end))
        guard first < last else { return nil }
        if first == 0, last == count { return chunk }
        let samples = chunk.samples[first * format.channels..<last * format.channels]
        let begins = chunk.capturedAt + .seconds(Double(first) / Double(format.sampleRate))
        return SoundChunk(samples: Array(samples), capturedAt: begins)
    }

    /// Whether what is of that time comes too late.
    func isOver(at time: MonotonicTime) -> Bool { time >= end }
}
