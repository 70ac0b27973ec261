import LinuxIO
import NodeAudio
import NodeMedia

/// An open PCM device on a thread of its own. Whoever of its readers waits for sound reads it for all of them; it is closed when the
/// last has left.
actor ALSASource {
    nonisolated let id: SoundSource.ID
    nonisolated let format: SoundFormat
    private let thread: WorkerThread
    private let wakeup: Wakeup
    private var stream: ALSAStream?
    private var clock: SampleClock
    /// Handed out, those that were lost among them.
    private var frames: Int64 = 0
    private var lostFrames = 0
    /// What each reader has still to fetch.
    private var waiting: [Int: [SoundChunk]] = [:]
    private var lastReader = 0
    /// Why there is no more.
    private var end: SoundError?

    /// A device that works has something fifty times a second.
    private static let patience = Duration.seconds(3)
    /// Others let go of a device when their program ends, and drivers a moment later.
    private static let busyFor = Duration.seconds(2)
    /// What no machine stands still for while it records; what is longer was no overrun.
    private static let longestGap = Duration.seconds(5)
    /// Chunks; of a reader that fetches none for so long the oldest are dropped.
    private static let mostWaiting = 1_000

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(
        _ id: SoundSource.ID, _ stream: consuming ALSAStream, thread: WorkerThread, wakeup: Wakeup
    ) {
        self.id = id
        format = stream.format
        clock = SampleClock(rate: stream.format.sampleRate)
        self.thread = thread
        self.wakeup = wakeup
        self.stream = consume stream
    }

    /// Tries a device that is in use for two seconds. One that opens when nobody waits for it any more is closed.
    static func open(
        _ id: SoundSource.ID, as wanted: SoundFormat, in turn: HeldTurn
    ) async throws(SoundError) -> ALSASource {
        let wakeup: Wakeup
        do throws(Errno) { wakeup = try Wakeup() } catch { throw .failed(id, reason: "\(error)") }
        let opened = await withTaskCancellationHandler {
            await turn.onThread(id) { () -> Result<ALSASource, SoundError> in Self.opened(id, wanted, wakeup) }
        } onCancel: {
            wakeup.signal()
        }
        guard let opened else { throw .cancelled }
        return try opened.get()
    }

    private static func opened(
        _ id: SoundSource.ID, _ wanted: SoundFormat, _ wakeup: Wakeup
    ) -> Result<ALSASource, SoundError> {
        let end = ContinuousClock.now + busyFor
        while true {
            do throws(SoundError) {
                let stream = try ALSAStream.open(id, as: wanted)
                return .success(ALSASource(id, stream, thread: WorkerThread(name: "sound"), wakeup: wakeup))
            } catch {
                guard case .busy = error, ContinuousClock.now < end else { return .failure(error) }
            }
            // A wait that fails is a short one.
            if (try? wakeup.waitUntilReadable(-1, deadline: .now + .milliseconds(50))) == .signalled {
                return .failure(.cancelled)
            }
        }
    }

    /// Nil once it is closed.
    func join() -> ALSAReader? {
        guard stream != nil else { return nil }
        lastReader += 1
        waiting[lastReader] = []
        return ALSAReader(source: self, number: lastReader, lostBefore: lostFrames)
    }

    /// How much was lost since a reader joined, by when `lostBefore` frames were.
    func lost(since lostBefore: Int) -> Duration {
        .seconds(Double(lostFrames - lostBefore) / Double(format.sampleRate))
    }

    /// Also when the task was cancelled.
    func leave(_ reader: Int) {
        waiting[reader] = nil
        if waiting.isEmpty { stream = nil }
    }

    nonisolated func next(for reader: Int) async throws(SoundError) -> SoundChunk {
        let wakeup = wakeup
        let deadline = ContinuousClock.now + Self.patience
        let chunk = await withTaskCancellationHandler { () -> Result<SoundChunk, SoundError> in
            while true {
                // Without: another reader has something to say.
                if let chunk = await recorded(for: reader, until: deadline) { return chunk }
            }
        } onCancel: {
            wakeup.signal()
        }
        return try chunk.get()
    }

    private func recorded(
        for reader: Int, until deadline: ContinuousClock.Instant
    ) -> Result<SoundChunk, SoundError>? {
        do throws(SoundError) {
            while true {
                if Task.isCancelled { throw .cancelled }
                guard let first = waiting[reader]?.first else {
                    if try !read(for: reader, until: deadline) { return nil }
                    continue
                }
                waiting[reader]?.removeFirst()
                return .success(first)
            }
        } catch { return .failure(error) }
    }

    /// Waits for sound, for all readers; false when woken before.
    private func read(for reader: Int, until deadline: ContinuousClock.Instant) throws(SoundError) -> Bool {
        if let end { throw end }
        guard waiting[reader] != nil, stream != nil else { throw .gone(id) }
        let outcome: ALSAStream.Outcome?
        do throws(SoundError) { outcome = try stream?.read() } catch {
            // For the others too: the next one who comes opens it anew.
            end = error
            stream = nil
            throw error
        }
        switch outcome {
        case .samples(let samples)?: handOut(chunk(samples))
        case .overrun?:
            if let silence = silence() { handOut(silence) }
        case .nothing?, nil:
            if ContinuousClock.now >= deadline {
                throw .failed(id, reason: "it delivers no sound; unplug it and plug it in again")
            }
            return try wait()
        }
        return true
    }

    private func handOut(_ chunk: SoundChunk) {
        for reader in waiting.keys {
            waiting[reader, default: []].append(chunk)
            if waiting[reader, default: []].count > Self.mostWaiting { waiting[reader]?.removeFirst() }
        }
    }

    private func chunk(_ samples: [Int16]) -> SoundChunk {
        let count = Int64(samples.count / format.channels)
        let now = MonotonicTime.now
        clock.saw(frames + count + Int64(stream?.delay() ?? 0), at: now)
        defer { frames += count }
        return SoundChunk(samples: samples, capturedAt: clock.time(of: frames) ?? now)
    }

    /// In place of what was lost, so that what comes after it keeps its time.
    private func silence() -> SoundChunk? {
        let now = MonotonicTime.now
        guard let began = clock.time(of: frames) else { return nil }
        let gap = began.duration(to: now)
        guard gap > .zero, gap <= Self.longestGap else { return nil }
        let count = Int((gap / .seconds(1) * Double(format.sampleRate)).rounded())
        guard count > 0 else { return nil }
        frames += Int64(count)
        lostFrames += count
        return SoundChunk(samples: [Int16](repeating: 0, count: count * format.channels), capturedAt: began)
    }

    /// False when woken.
    private func wait() throws(SoundError) -> Bool {
        let descriptor = stream?.descriptor ?? -1
        do throws(Errno) {
            // Of a device whose descriptor tells nothing, ten looks a second.
            let outcome = try wakeup.waitUntilReadable(descriptor, deadline: .now + .milliseconds(100))
            // Whom it was for finds out when it is that one's turn.
            if outcome == .signalled { wakeup.reset() }
            return outcome != .signalled
        } catch { throw .failed(id, reason: "\(error)") }
    }
}
