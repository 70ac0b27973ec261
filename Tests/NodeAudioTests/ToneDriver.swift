import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Synchronization

@testable import NodeAudio

/// A device that hears a tone, without waiting for it; what became of it is on record.
final class ToneDriver: SoundDriver {
    enum Fate: Sendable {
        case plays
        /// After so many chunks.
        case breaks(SoundError, after: Int)
        case absent
        case refuses(SoundError)
        /// Opens never.
        case hangs
        /// Opens when nobody waits for it any more.
        case late
    }

    struct Record: Equatable {
        var opened: [String?] = []
        var wanted: [SoundFormat] = []
        var closed = 0
        /// That were given out.
        var chunks = 0
    }

    static let info = SoundDevices(
        sources: [SoundSource(id: "mic", name: "A microphone", isDefault: true)],
        sinks: [SoundSink(id: "out", name: "A loudspeaker", isDefault: true, volume: 0.5, isMuted: false)])

    let format: SoundFormat?
    let fate: Fate
    let lost: Duration
    private let state = Mutex(Record())

    /// `format` is the only one that it has; nil when it has all.
    init(_ fate: Fate = .plays, only format: SoundFormat? = nil, losing lost: Duration = .zero) {
        self.fate = fate
        self.lost = lost
        self.format = format
    }

    var record: Record { state.withLock { $0 } }

    func devices() async throws(SoundError) -> SoundDevices? {
        if case .absent = fate { return nil }
        return Self.info
    }

    func open(_ id: SoundSource.ID?, as wanted: SoundFormat) async throws(SoundError) -> (any OpenSource)? {
        state.withLock { record in
            record.opened.append(id)
            record.wanted.append(wanted)
        }
        switch fate {
        case .absent: return nil
        case .refuses(let error): throw error
        case .hangs:
            try? await OneShot().fired()  // it never does: only cancelling ends the wait
            throw .cancelled
        case .late:
            try? await OneShot().fired()  // the same
            return Source(self, id ?? "mic", format ?? wanted, breaks: nil)
        case .plays: return Source(self, id ?? "mic", format ?? wanted, breaks: nil)
        case .breaks(let error, let count): return Source(self, id ?? "mic", format ?? wanted, breaks: (error, count))
        }
    }

    private actor Source: OpenSource {
        nonisolated let id: SoundSource.ID
        nonisolated let format: SoundFormat
        private let driver: ToneDriver
        private let breaks: (error: SoundError, after: Int)?
        private var frames = 0
        private var chunks = 0

        init(_ driver: ToneDriver, _ id: String, _ format: SoundFormat, breaks: (SoundError, Int)?) {
            self.driver = driver
            self.id = id
            self.format = format
            self.breaks = breaks.map { ($0.0, $0.1) }
        }

        func next() async throws(SoundError) -> SoundChunk {
            if Task.isCancelled { throw .cancelled }
            if let breaks, chunks >= breaks.after { throw breaks.error }
            let count = format.sampleRate / 50
            driver.state.withLock { $0.chunks += 1 }
            defer {
                frames += count
                chunks += 1
            }
            return SoundChunk(
                samples: Tone.samples(
                    1_000, rate: format.sampleRate, channels: format.channels, from: frames, count: count),
                capturedAt: MonotonicTime(nanoseconds: Int64(frames) * 1_000_000_000 / Int64(format.sampleRate)))
        }

        nonisolated var lost: Duration { driver.lost }

        func close() async {
            driver.state.withLock { $0.closed += 1 }
        }
    }
}

/// An encoder that keeps what it is told.
final class KeepingEncoder: ClipEncoder {
    struct Kept: Sendable {
        var plan: ClipPlan?
        var samples: [Int16] = []
    }

    private final class Track: ClipTrack {
        let kept = Mutex<[Int16]>([])
        let isReady: @Sendable () -> Bool

        init(_ isReady: @escaping @Sendable () -> Bool) {
            self.isReady = isReady
        }

        func ready() async throws {}
        func add(_ frame: Image) -> Bool { false }
        func addNeeded(_ frame: Image) async throws(ClipError) -> Bool { false }

        func add(_ sound: SoundChunk) async throws(ClipError) {
            while !isReady() { await Task.yield() }
            kept.withLock { $0 += sound.samples }
        }
    }

    private let isReady: @Sendable () -> Bool
    private let state = Mutex(Kept())

    /// `isReady`: before that it has no room.
    init(isReady: @escaping @Sendable () -> Bool = { true }) {
        self.isReady = isReady
    }

    func find() throws(ClipError) {}

    var kept: Kept { state.withLock { $0 } }

    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        let track = Track(isReady)
        try await feed(track)
        let samples = track.kept.withLock { $0 }
        state.withLock { $0 = Kept(plan: plan, samples: samples) }
        let file = try MemoryFile(name: "clip")
        try file.append(Array("encoded".utf8))
        return EncodedClip(file: file, duration: plan.duration, frames: 0, hasSound: true)
    }
}

/// As where none is installed.
struct AbsentEncoder: ClipEncoder {
    func find() throws(ClipError) { throw .noEncoder(package: "clawnode-encode") }

    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        throw ClipError.noEncoder(package: "clawnode-encode")
    }
}

extension InvocationContext {
    static func test(
        at clock: any Timekeeper = HandClock(), budget: Duration? = nil, payloadLimit: Int = 24 << 20
    ) -> InvocationContext {
        InvocationContext(
            id: "1", deadline: budget.map { clock.now + $0 }, payloadLimit: payloadLimit, timekeeper: clock,
            log: .silent)
    }
}

extension SoundSystem {
    convenience init(
        _ driver: any SoundDriver, usual: SoundSource.ID? = nil,
        report: @escaping @Sendable (ConditionChange) -> Void = { _ in }
    ) {
        self.init([driver], usual: usual, timekeeper: HandClock(), log: .silent, report: report)
    }
}

extension Reply {
    var refusal: Refusal? {
        if case .failure(let refusal) = outcome { refusal } else { nil }
    }
}
