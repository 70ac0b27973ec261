import Glibc
import LinuxIO
import NodeCore
import NodeScreen
import NodeTesting
import ScreenTesting
import Testing

@testable import ScreenWayland

/// `screen.record` with a real compositor, the real encoder, and ffmpeg as the judge.
@Suite("Recordings of a Wayland compositor", .timeLimit(.minutes(3)))
struct WaylandRecordingTests {
    private static let step = 40

    private static func record(
        _ compositor: Compositor, _ params: String, looking: OneShot = OneShot()
    ) async throws -> Recording {
        try await Recording.make(
            compositor.driver, params, looking: looking, in: compositor.folder, on: compositor.loop)
    }

    /// How many steps from the left the pointer is, frame by frame; nil where it is not.
    private static func places(_ footage: Footage) async throws -> [Int?] {
        try await footage.light(ofRows: 100..<116).map { points in
            let columns = (0..<footage.width).filter { x in
                stride(from: x, to: points.count, by: footage.width).contains { abs(Int(points[$0]) - background) > 60 }
            }
            return columns.first.map { ($0 + step / 2) / step }
        }
    }

    /// How light HEADLESS-1 is.
    private static let background = 30

    @Test("what moves is shown as it went, and the last of it is there to the end") func moving() async throws {
        try await Sway.run { sway in
            let mouse = try await Mouse(sway)
            try await mouse.move(to: Self.step, 100)
            let looking = OneShot()
            async let recording = Self.record(sway.compositor, #"{"durationMs":4000,"fps":20}"#, looking: looking)
            try await looking.fired()
            for number in 2...10 {
                try await mouse.move(to: number * Self.step, 100)
                try await sway.loop.sleep(for: .milliseconds(50))  // about as fast as it is filmed
            }
            let footage = try await recording.footage
            #expect(footage.codecs == ["h264"] && abs(footage.duration - 4) < 0.01)
            let seen = try await Self.places(footage)
            let places = seen.compactMap { $0 }
            #expect(places.count == seen.count && places.count == footage.times.count, "\(seen)")
            #expect(places.first == 1 && places.last == 10, "\(places)")
            // Where it was before it is not again; and at rest it costs nothing.
            #expect(zip(places, places.dropFirst()).allSatisfy { $0 <= $1 }, "\(places)")
            #expect((3...22).contains(places.count), "\(places)")
            #expect(zip(footage.times, footage.times.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test("a desktop on which nothing moves has two frames, and lasts as long as was asked for") func still()
        async throws
    {
        try await Sway.run { sway in
            let footage = try await Self.record(sway.compositor, #"{"durationMs":2000,"fps":10}"#).footage
            #expect(abs(footage.duration - 2) < 0.01)
            #expect(footage.times.count == 2 && abs((footage.times.last ?? 0) - 1.9) < 0.01)
            let light = try await footage.light(ofRows: 0..<480)
            #expect(light.count == 2 && light.joined().allSatisfy { abs(Int($0) - Self.background) < 8 })
        }
    }

    @Test("of a screen that gets another size meanwhile nothing is left") func resized() async throws {
        try await Sway.run { sway in
            let looking = OneShot()
            async let recording = Self.record(sway.compositor, #"{"durationMs":30000}"#, looking: looking)
            try await looking.fired()
            try await sway.tell("output HEADLESS-1 mode --custom 800x600")
            let ended = try await recording
            #expect(ended.refusal == ScreenError.changed("HEADLESS-1").refusal && !ended.hasFile)
        }
    }

    @Test("of a screen that is unplugged meanwhile nothing is left") func unplugged() async throws {
        try await Sway.run { outer in
            try await outer.nest { sway in
                let looking = OneShot()
                async let recording = Self.record(
                    sway.compositor, #"{"screenIndex":1,"durationMs":30000}"#, looking: looking)
                try await looking.fired()
                try await outer.tell("[title=\"WL-2\"] kill")
                let ended = try await recording
                #expect(ended.refusal == ScreenError.gone("WL-2").refusal && !ended.hasFile)
            }
        }
    }

    @Test("a screen that is plugged in meanwhile does not disturb a recording") func plugged() async throws {
        try await Sway.run { sway in
            let looking = OneShot()
            async let recording = Self.record(sway.compositor, #"{"durationMs":2000}"#, looking: looking)
            try await looking.fired()
            try await sway.tell("create_output")
            let footage = try await recording.footage
            #expect(abs(footage.duration - 2) < 0.01)
            #expect(try await sway.output(3).1.name == "HEADLESS-3")
        }
    }

    @Test("of a compositor that ends meanwhile nothing is left") func dies() async throws {
        try await Sway.run { sway in
            let looking = OneShot()
            async let recording = Self.record(sway.compositor, #"{"durationMs":30000}"#, looking: looking)
            try await looking.fired()
            await sway.compositor.process.end()
            let ended = try await recording
            #expect(ended.refusal == ScreenError.gone(Sway.name).refusal && !ended.hasFile)
        }
    }

    /// As on a machine that shows one program and nothing else.
    @Test("what a kiosk's compositor shows is seen, and recorded") func kiosk() async throws {
        try await Compositor.run(
            ["/usr/bin/cage", "--", "/usr/bin/weston-simple-shm"],
            // It wants an X server to be there, and never starts it.
            ["WLR_BACKENDS": "headless", "WLR_XWAYLAND": "/bin/true"].merging(Compositor.withoutHardware) { $1 }
        ) { compositor in
            let session = try await compositor.session()
            let output = try #require(try await session.outputs().first)
            #expect(output == ScreenOutput(name: "HEADLESS-1", width: 1_280, height: 720))
            let screen = try await session.open(output)
            // The program draws circles in all colours, and the compositor nothing.
            var picture = try await screen.picture()
            while picture.colours.count == 1 { picture = try await screen.change(lookingEvery: .milliseconds(10)) }
            let footage = try await Self.record(compositor, #"{"durationMs":2000}"#).footage
            #expect(abs(footage.duration - 2) < 0.01)
            #expect((2...21).contains(footage.times.count))
            let pictures = try await footage.light(ofRows: 0..<720)
            #expect(pictures.count == footage.times.count && Set(pictures).count > 1)
            // Killed it would leave its X server's socket behind.
            compositor.process.signal(SIGTERM)
            _ = try await compositor.process.wait()
        }
    }
}
