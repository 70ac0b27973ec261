import ClipChannel
import CodecJPEG
import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeScreen
@testable import ScreenX11

/// `screen.record` with a real server, the real encoder, and ffmpeg as the judge.
@Suite("Recordings of an X server", .timeLimit(.minutes(2)))
struct X11RecordingTests {
    /// A white bar, so long, which is drawn at once.
    private static func show(_ number: Int, by painter: Painter) async throws {
        try await painter.fill(0xFFFFFF, width: number * step, height: 80)
    }

    private static let step = 40

    /// `looking`: fired once the recording waits for something to change.
    private static func record(
        _ server: XServer, _ params: String, looking: OneShot = OneShot()
    ) async throws -> Reply {
        let encoder = EncoderHost(variables: EnvironmentVariables.current(), on: server.loop, log: .silent)
        let capability = ScreenCapability.capability(
            drivers: [WatchedDriver(driver: server.driver, looking: looking)], consoles: NoConsoles(),
            encoder: TurboJPEGEncoder(), pngEncoder: NoPNG(), converter: TurboJPEGConverter(),
            recorder: ClipRecorder(encoder: encoder, microphone: NoMicrophone()))
        let handler = try #require(capability.handlers.first { $0.name == ScreenRecord.name })
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: 25 << 20, timekeeper: server.loop, log: .silent)
        return await handler.perform(
            Invocation(id: "1", command: ScreenRecord.name, params: Array(params.utf8), payloadLimit: 25 << 20), context
        )
    }

    /// What ffmpeg sees in it: its length in seconds, the times of its frames, and what their squares say.
    private static func seen(
        _ reply: Reply, _ server: XServer
    ) async throws -> (duration: Double, times: [Double], numbers: [Int]) {
        if case .failure(let refusal) = reply.outcome { throw refusal }
        let path = server.folder.file("recording.mp4")
        try StateFile.write(path, try #require(try reply.blob?.file.bytes()), durable: false)
        func run(_ program: String, _ words: [String]) async throws -> [UInt8] {
            let run = try await ProgramRun.run(
                "/usr/bin/\(program)", words, outputLimit: 64 << 20, deadline: server.loop.now + .seconds(50),
                timekeeper: server.loop, on: server.loop)
            try #require(run.status == .exited(0), "\(run.said)")
            return run.output
        }
        func probe(_ entries: String) async throws -> [Double] {
            let words = ["-v", "error", "-show_entries", entries, "-of", "csv=p=0", path]
            return String(decoding: try await run("ffprobe", words), as: UTF8.self)
                .split(separator: "\n").compactMap { $0.split(separator: ",").first.flatMap { Double($0) } }
        }
        let rows = try await run(
            "ffmpeg",
            [
                "-v", "error", "-i", path, "-fps_mode", "passthrough", "-vf", "format=gray,crop=640:1:0:40", "-f",
                "rawvideo", "-",
            ])
        let numbers = stride(from: 0, to: rows.count, by: 640).map { row in
            (rows[row..<row + 640].count { $0 > 127 } + step / 2) / step
        }
        return (
            try await probe("format=duration").first ?? 0, try await probe("frame=best_effort_timestamp_time"), numbers
        )
    }

    @Test("what moves is shown as it went, and the last of it is there to the end") func moving() async throws {
        try await XServer.run { server in
            let painter = try await server.painter()
            try await painter.fill(0)
            let looking = OneShot()
            async let recording = Self.record(server, #"{"durationMs":4000,"fps":20}"#, looking: looking)
            try await looking.fired()
            for number in 1...10 {
                try await Self.show(number, by: painter)
                try await server.loop.sleep(for: .milliseconds(50))  // about as fast as it is filmed
            }
            let seen = try await Self.seen(try await recording, server)
            #expect(abs(seen.duration - 4) < 0.01)
            #expect(seen.numbers.first == 0 && seen.numbers.last == 10 && seen.times.count == seen.numbers.count)
            // What was there before is not there again; and at rest it costs nothing.
            #expect(zip(seen.numbers, seen.numbers.dropFirst()).allSatisfy { $0 <= $1 }, "\(seen.numbers)")
            #expect((3...22).contains(seen.numbers.count), "\(seen.numbers)")
            #expect(zip(seen.times, seen.times.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test("a desktop on which nothing moves has two frames, and lasts as long as was asked for") func still()
        async throws
    {
        try await XServer.run { server in
            let painter = try await server.painter()
            try await painter.fill(0)
            try await Self.show(5, by: painter)
            let seen = try await Self.seen(try await Self.record(server, #"{"durationMs":2000,"fps":10}"#), server)
            #expect(abs(seen.duration - 2) < 0.01 && seen.numbers == [5, 5])
            #expect(seen.times.count == 2 && abs((seen.times.last ?? 0) - 1.9) < 0.01)
        }
    }

    @Test("of a server that ends meanwhile nothing is left") func dies() async throws {
        try await XServer.run { server in
            let looking = OneShot()
            async let recording = Self.record(server, #"{"durationMs":30000}"#, looking: looking)
            try await looking.fired()
            await server.process.end()
            guard case .failure(let refusal) = try await recording.outcome else {
                Issue.record("there is a recording")
                return
            }
            #expect(refusal == ScreenError.gone("the X server \(server.display)").refusal)
            unlink(server.display.path)
            unlink("/tmp/.X\(server.display.number)-lock")
        }
    }

    /// Tells when somebody waits for a change.
    private struct WatchedDriver: ScreenDriver, ScreenSession, Screen {
        let driver: X11Driver
        let looking: OneShot
        var inner: (any ScreenSession)?
        var screen: (any Screen)?

        func session() async throws(ScreenError) -> (any ScreenSession)? {
            var watched = self
            watched.inner = try await driver.session()
            return watched
        }

        func outputs() async throws(ScreenError) -> [ScreenOutput] { try await inner?.outputs() ?? [] }

        func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
            var watched = self
            watched.screen = try await inner?.open(output)
            return watched
        }

        func picture() async throws(ScreenError) -> Image {
            guard let screen else { throw .noSession }
            return try await screen.picture()
        }

        func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
            guard let screen else { throw .noSession }
            looking.fire()
            return try await screen.change(lookingEvery: interval)
        }
    }

    private struct NoPNG: PNGEncoder {
        func png(_ image: Image, maxWidth: Int, byteLimit: Int) throws(MediaError) -> EncodedImage {
            throw .unsupported(image.format)
        }
    }

    private struct NoConsoles: TextConsoles {
        func text(of console: Int?) async throws(ConsoleError) -> ConsoleText { throw .noConsole }
    }

    private struct NoMicrophone: Microphone {
        func record<R: Sendable>(
            from id: String?, as wanted: SoundFormat, _ body: @Sendable (any SoundStream) async throws -> R
        ) async throws -> R {
            throw SoundError.noSource
        }
    }
}
