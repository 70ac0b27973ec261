import Glibc
import LinuxIO
import NodeCore
import NodeScreen
import NodeTesting
import ScreenTesting
import Testing

@testable import ScreenX11

/// `screen.record` with a real server, the real encoder, and ffmpeg as the judge.
@Suite("Recordings of an X server", .timeLimit(.minutes(2)))
struct X11RecordingTests {
    /// A white bar, so long, which is drawn at once.
    private static func show(_ number: Int, by painter: Painter) async throws {
        try await painter.fill(0xFFFFFF, width: number * step, height: 80)
    }

    private static let step = 40

    /// What its bars say, frame by frame.
    private static func numbers(_ footage: Footage) async throws -> [Int] {
        try await footage.light(ofRows: 40..<41).map { row in (row.count { $0 > 127 } + step / 2) / step }
    }

    private static func record(
        _ server: XServer, _ params: String, looking: OneShot = OneShot()
    ) async throws -> Recording {
        try await Recording.make(server.driver, params, looking: looking, in: server.folder, on: server.loop)
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
            let footage = try await recording.footage
            let numbers = try await Self.numbers(footage)
            #expect(abs(footage.duration - 4) < 0.01)
            #expect(numbers.first == 0 && numbers.last == 10 && footage.times.count == numbers.count)
            // What was there before is not there again; and at rest it costs nothing.
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }, "\(numbers)")
            #expect((3...22).contains(numbers.count), "\(numbers)")
            #expect(zip(footage.times, footage.times.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test("a desktop on which nothing moves has two frames, and lasts as long as was asked for") func still()
        async throws
    {
        try await XServer.run { server in
            let painter = try await server.painter()
            try await painter.fill(0)
            try await Self.show(5, by: painter)
            let footage = try await Self.record(server, #"{"durationMs":2000,"fps":10}"#).footage
            #expect(abs(footage.duration - 2) < 0.01)
            #expect(try await Self.numbers(footage) == [5, 5])
            #expect(footage.times.count == 2 && abs((footage.times.last ?? 0) - 1.9) < 0.01)
        }
    }

    /// What xrandr is told, and what is said then.
    private static let mishaps: [([String], ScreenError)] = [
        (["--output", "screen", "--mode", "small"], .changed("screen")),
        (["--output", "screen", "--off"], .gone("screen")),
    ]

    @Test("of a screen that gets another size meanwhile, or is switched off, nothing is left", arguments: mishaps)
    func mishap(words: [String], error: ScreenError) async throws {
        try await XServer.run { server in
            try await server.addSmallMode()
            let looking = OneShot()
            async let recording = Self.record(server, #"{"durationMs":30000}"#, looking: looking)
            try await looking.fired()
            // Where nothing is left to be shown, xrandr fails to make the screen as small as that.
            _ = try await server.ending("xrandr", words)
            let ended = try await recording
            #expect(ended.refusal == error.refusal && !ended.hasFile)
        }
    }

    @Test("of a server that ends meanwhile nothing is left") func dies() async throws {
        try await XServer.run { server in
            let looking = OneShot()
            async let recording = Self.record(server, #"{"durationMs":30000}"#, looking: looking)
            try await looking.fired()
            await server.process.end()
            let ended = try await recording
            #expect(ended.refusal == ScreenError.gone("the X server \(server.display)").refusal && !ended.hasFile)
            unlink(server.display.path)
            unlink("/tmp/.X\(server.display.number)-lock")
        }
    }
}
