import LinuxIO
import NodeCore
import NodeMedia
import NodeScreen
import Synchronization
import Testing

/// A session whose screens a test draws.
struct DrawnDriver: ScreenDriver, ScreenSession {
    var shown: [ScreenOutput] = [ScreenOutput(name: "DP-1", width: 64, height: 48, isMain: true)]
    var isThere = true
    var failure: ScreenError?
    var screen = DrawnScreen()

    func session() async throws(ScreenError) -> (any ScreenSession)? {
        if let failure { throw failure }
        return isThere ? self : nil
    }

    func outputs() async throws(ScreenError) -> [ScreenOutput] { shown }

    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
        screen.opened(output)
        return screen
    }
}

/// Shows the same until it is told to show something else.
final class DrawnScreen: Screen {
    private struct State {
        var output = ScreenOutput(name: "", width: 64, height: 48)
        var opened: [String] = []
        var pictures = 0
        var failure: ScreenError?
        /// Whoever opens it more often finds it whole.
        var mendedBy = Int.max
    }

    private let state = Mutex(State())
    /// Something is different each time that somebody looks.
    private let isLively: Bool

    init(isLively: Bool = false) {
        self.isLively = isLively
    }

    /// The names of those that were opened.
    var opened: [String] { state.withLock { $0.opened } }
    /// How many were taken.
    var pictures: Int { state.withLock { $0.pictures } }

    func opened(_ output: ScreenOutput) {
        state.withLock { state in
            state.opened.append(output.name)
            state.output = output
        }
    }

    func fail(_ error: ScreenError, untilOpened: Bool = false) {
        state.withLock { state in
            state.failure = error
            if untilOpened { state.mendedBy = state.opened.count }
        }
    }

    func picture() async throws(ScreenError) -> Image {
        let (output, failure) = state.withLock { state in
            state.pictures += 1
            if state.opened.count > state.mendedBy { state.failure = nil }
            return (state.output, state.failure)
        }
        if let failure { throw failure }
        return Image(
            width: output.width, height: output.height, format: .bgrx,
            bytes: [UInt8](repeating: 0, count: 4 * output.width * output.height), capturedAt: .now)
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        if isLively { return try await picture() }
        // It is thrown only when the task is cancelled.
        do { try await OneShot().fired() } catch { throw .cancelled }
        return try await picture()
    }
}

/// Every coder there is, without any code: the files say what they were made of.
struct WrittenCoder: ImageEncoder, PNGEncoder, PictureConverter {
    var failure: MediaError?

    func jpeg(
        _ image: Image, maxWidth: Int, quality: Double, byteLimit: Int
    ) throws(MediaError) -> EncodedImage {
        try file("jpeg \(maxWidth) \(quality)", image, maxWidth)
    }

    func png(_ image: Image, maxWidth: Int, byteLimit: Int) throws(MediaError) -> EncodedImage {
        try file("png \(maxWidth)", image, maxWidth)
    }

    func yuv420(
        _ image: Image, width: Int, height: Int, after last: inout Image?
    ) throws(MediaError) -> Image {
        if let failure { throw failure }
        let planar = Image(
            width: width, height: height, format: .yuv420,
            bytes: [UInt8](repeating: 0, count: Image.yuv420Size(width: width, height: height)),
            capturedAt: image.capturedAt)
        last = planar
        return planar
    }

    private func file(_ text: String, _ image: Image, _ maxWidth: Int) throws(MediaError) -> EncodedImage {
        if let failure { throw failure }
        do throws(Errno) {
            let file = try MemoryFile(name: "picture")
            try file.append(Array(text.utf8))
            try file.seal()
            return EncodedImage(file: file, width: min(maxWidth, image.width), height: image.height)
        } catch { throw .system(error) }
    }
}

/// Keeps the plans and the times of the frames.
final class NotingEncoder: ClipEncoder, ClipTrack {
    private struct State {
        var plans: [ClipPlan] = []
        var frames: [MonotonicTime] = []
        var dropped = 0
    }

    private let state = Mutex(State())
    let fed = OneShot()

    var plans: [ClipPlan] { state.withLock { $0.plans } }
    var frames: [MonotonicTime] { state.withLock { $0.frames } }
    /// Those for which nobody would have waited.
    var dropped: Int { state.withLock { $0.dropped } }

    func find() throws(ClipError) {}
    func ready() async throws {}

    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        state.withLock { $0.plans.append(plan) }
        try await feed(self)
        let file = try MemoryFile(name: "clip")
        try file.append([1])
        try file.seal()
        return EncodedClip(file: file, duration: plan.duration, frames: frames.count, hasSound: plan.sound != nil)
    }

    func add(_ frame: Image) -> Bool {
        state.withLock { $0.dropped += 1 }
        return true
    }

    func addNeeded(_ frame: Image) async throws(ClipError) -> Bool {
        state.withLock { $0.frames.append(frame.capturedAt) }
        fed.fire()
        return true
    }

    func add(_ sound: SoundChunk) async throws(ClipError) {}
}

/// None; it knows how often one was looked for.
final class NoMicrophone: Microphone {
    private let count = Mutex(0)

    var openings: Int { count.withLock { $0 } }

    func record<R: Sendable>(
        from id: String?, as wanted: SoundFormat, _ body: @Sendable (any SoundStream) async throws -> R
    ) async throws -> R {
        count.withLock { $0 += 1 }
        throw SoundError.noSource
    }
}

extension Capability {
    /// Runs one of its commands: the reply's text, or the refusal's.
    func perform(_ command: CommandName, _ params: String, on loop: EventLoop) async throws -> (
        text: String, blob: [UInt8]
    ) {
        let invocation = Invocation(id: "1", command: command, params: Array(params.utf8), payloadLimit: 25 << 20)
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: 25 << 20, capabilities: ["screen", "microphone"], timekeeper: loop,
            log: .silent)
        let handler = try #require(handlers.first { $0.name == command })
        let reply = await handler.perform(invocation, context)
        switch reply.outcome {
        case .success(let json): return (String(decoding: json, as: UTF8.self), try reply.blob?.file.bytes() ?? [])
        case .failure(let refusal): return (refusal.wireMessage, [])
        }
    }
}

/// Two consoles of one line: in front somebody may log in, on the other is its number.
struct WrittenConsole: TextConsoles {
    func text(of console: Int?) async throws(ConsoleError) -> ConsoleText {
        let number = console ?? 1
        guard (1...2).contains(number) else { throw .notFound(number, known: [1, 2]) }
        let line = console.map(String.init) ?? "login:"
        return ConsoleText(console: number, rows: 1, columns: 80, cursorRow: 0, cursorColumn: 7, lines: [line])
    }
}
