import LinuxIO
import NodeCamera
import NodeCore
import NodeMedia
import Synchronization

/// A driver with one camera that films: it gives a frame as soon as the last one has been taken, and in the end fails.
final class FilmCamera: CameraDriver, Camera {
    private struct State {
        var offsets: [Duration]
        var films: [FrameSequence] = []
        var requests: [FilmRequest] = []
        var opened = 0
        var running = 0
    }

    let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    let begun = OneShot()
    private let format: PixelFormat
    private let end: CameraError
    private let large: Duration?
    private let state: Mutex<State>

    /// Frames at those times after `start`, the first one at 0; then `end`. `large`: the time of one that no encoder takes.
    init(
        _ offsets: [Duration], format: PixelFormat = .mjpeg, end: CameraError = .gone("/dev/video0"),
        large: Duration? = nil
    ) {
        self.format = format
        self.large = large
        self.end = end
        state = Mutex(State(offsets: offsets))
    }

    var requests: [FilmRequest] { state.withLock { $0.requests } }
    var opened: Int { state.withLock { $0.opened } }
    /// How many film.
    var running: Int { state.withLock { $0.running } }

    func cameras() async throws(CameraError) -> [CameraInfo] { [] }
    func identify(_ name: CameraInfo.ID?) async throws(CameraError) -> CameraInfo.ID { name ?? "fake" }

    func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        state.withLock { $0.opened += 1 }
        return self
    }

    func still(_ request: StillRequest) async throws(CameraError) -> Image { .sample }

    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        let frames = FrameSequence(of: format)
        state.withLock { state in
            state.films.append(frames)
            state.requests.append(request)
            state.running += 1
        }
        defer { state.withLock { $0.running -= 1 } }
        give()
        begun.fire()
        return try await body(
            ClipPlan.Video(format: format, width: 1_280, height: 720, framesPerSecond: 30), frames)
    }

    /// The next frame, or the end.
    func give() {
        let (films, offset) = state.withLock { state in
            (state.films, state.offsets.isEmpty ? nil : state.offsets.removeFirst())
        }
        for film in films {
            guard let offset else {
                film.finish(end)
                continue
            }
            // A slice of a key frame.
            let filler = offset == large ? RememberingEncoder.largest : 1
            let bytes: [UInt8] = [0, 0, 1, 0x65] + [UInt8](repeating: 1, count: filler)
            film.offer(Image(width: 1_280, height: 720, format: format, bytes: bytes, capturedAt: start + offset))
        }
    }
}

/// Remembers what it is fed, and gives a file of as many bytes as it had frames.
final class RememberingEncoder: ClipEncoder, ClipTrack {
    private struct State {
        var plans: [ClipPlan] = []
        var frames: [MonotonicTime] = []
        var sounds: [SoundChunk] = []
        var refusals: Int
    }

    /// The longest encoded frame for which there ever is room.
    static let largest = 100

    private let state: Mutex<State>
    private let failure: ClipError?
    private let camera: FilmCamera
    private let room: OneShot?
    private let start: OneShot?

    /// Asks `camera` for the next frame after each.
    ///
    /// `refusals`: how often there is no room for a picture at first. `room`: when there is some for sound and encoded frames.
    /// `start`: when it is set up.
    init(
        _ camera: FilmCamera, refusals: Int = 0, room: OneShot? = nil, start: OneShot? = nil, failure: ClipError? = nil
    ) {
        self.start = start
        self.camera = camera
        self.room = room
        self.failure = failure
        state = Mutex(State(refusals: refusals))
    }

    var plans: [ClipPlan] { state.withLock { $0.plans } }
    var frames: [Duration] { state.withLock { $0.frames.map { camera.start.duration(to: $0) } } }
    var sounds: [SoundChunk] { state.withLock { $0.sounds } }

    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        state.withLock { $0.plans.append(plan) }
        if let failure { throw failure }
        try await feed(self)
        let file = try MemoryFile(name: "clip")
        try file.append([UInt8](repeating: 7, count: frames.count))
        try file.seal()
        return EncodedClip(
            file: file, duration: plan.duration, frames: frames.count, hasSound: plan.sound != nil && !sounds.isEmpty)
    }

    func add(_ frame: Image) -> Bool {
        let isTaken = state.withLock { state in
            guard state.refusals == 0 else {
                state.refusals -= 1
                return false
            }
            state.frames.append(frame.capturedAt)
            return true
        }
        camera.give()
        return isTaken
    }

    func addNeeded(_ frame: Image) async throws(ClipError) -> Bool {
        defer { camera.give() }
        guard frame.bytes.count <= Self.largest else { return false }
        try await waitForRoom()
        state.withLock { $0.frames.append(frame.capturedAt) }
        return true
    }

    func find() throws(ClipError) {
        if case .noEncoder(let package) = failure { throw .noEncoder(package: package) }
    }

    func ready() async throws { try await start?.fired() }

    private func waitForRoom() async throws(ClipError) {
        // It is thrown only when the task is cancelled.
        do { try await room?.fired() } catch { throw .cancelled }
    }

    func add(_ sound: SoundChunk) async throws(ClipError) {
        try await waitForRoom()
        state.withLock { $0.sounds.append(sound) }
    }
}

/// Gives chunks that were prepared, then fails or is silent for ever.
final class PreparedMicrophone: Microphone, SoundStream {
    let format: SoundFormat
    private let opening: SoundError?
    private let end: SoundError?
    private let chunks: Mutex<[SoundChunk]>
    private let late: OneShot?
    private let asked = Mutex<[String?]>([])
    /// All of it has been read.
    let isRead = OneShot()

    /// `late`: when the last of them comes.
    init(
        _ chunks: [SoundChunk] = [], late: OneShot? = nil,
        format: SoundFormat = SoundFormat(sampleRate: 1_000, channels: 2),
        end: SoundError? = nil, opening: SoundError? = nil
    ) {
        self.format = format
        self.opening = opening
        self.end = end
        self.late = late
        self.chunks = Mutex(chunks)
    }

    /// The sources that were asked for.
    var openings: [String?] { asked.withLock { $0 } }

    func record<R: Sendable>(
        from id: String?, as wanted: SoundFormat,
        _ body: @Sendable (any SoundStream) async throws -> R
    ) async throws -> R {
        asked.withLock { $0.append(id) }
        if let opening { throw opening }
        return try await body(self)
    }

    func next() async throws(SoundError) -> SoundChunk {
        let (chunk, isLast) = chunks.withLock { ($0.isEmpty ? nil : $0.removeFirst(), $0.isEmpty) }
        // It is thrown only when the task is cancelled.
        if isLast, let late { do { try await late.fired() } catch { throw .cancelled } }
        if let chunk { return chunk }
        isRead.fire()
        if let end { throw end }
        try? await OneShot().fired()  // it never does: only cancelling ends the wait
        throw .cancelled
    }
}
