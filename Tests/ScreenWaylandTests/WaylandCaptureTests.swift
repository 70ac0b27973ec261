import Glibc
import LinuxIO
import NodeMedia
import NodeScreen
import NodeTesting
import ScreenTesting
import Testing

@testable import ScreenWayland

/// With a strict compositor of the tests' own, for Debian has none yet that speaks it.
@Suite("Copies by ext_image_copy_capture_v1", .timeLimit(.minutes(3)))
struct WaylandCaptureTests {
    private static func run(
        _ options: [String] = [], _ body: @escaping @Sendable (Compositor, any Screen) async throws -> Void
    ) async throws {
        let peer =
            "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/wayland_capture.py"
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            let words = [peer, folder.file("wayland-0")] + options
            let process = try ChildProcess.spawn("/usr/bin/python3", arguments: words, on: loop)
            let result: Result<Void, any Error>
            do {
                let compositor = Compositor(folder: folder, loop: loop, process: process)
                let session = try await compositor.session()
                try await body(compositor, try await session.open(try #require(try await session.outputs().first)))
                result = .success(())
            } catch { result = .failure(error) }
            await process.end()
            try result.get()
        }
    }

    /// Picture `number` as the peer draws it.
    private static func isRight(_ picture: Image, _ number: UInt32, width: Int = 64, height: Int = 48) -> Bool {
        (picture.width, picture.height) == (width, height)
            && (0..<width * height).allSatisfy { place in
                let (x, y) = (place % width, place / width)
                return picture.pixel(x, y) == UInt32(x) << 16 | UInt32(y) << 8 | number
            }
    }

    @Test("pictures are upright, whatever the compositor does to them", arguments: 0...7)
    func turned(transform: Int) async throws {
        try await Self.run(["--transform", "\(transform)"]) { compositor, screen in
            #expect(Self.isRight(try await screen.picture(), 0))
            let outputs = try await compositor.session().outputs()
            let turn = try #require(Orientation.Turn(rawValue: transform % 4 * 90))
            #expect(outputs == [ScreenOutput(name: "TEST-1", x: 7, y: 5, width: 64, height: 48, turn: turn)])
        }
    }

    @Test("red may come first", arguments: ["0x34324258", "0x34324241"]) func colours(format: String) async throws {
        try await Self.run(["--format", format]) { _, screen in
            let picture = try await screen.picture()
            #expect(Self.isRight(picture, 0))
        }
    }

    @Test("pixels of another kind are not understood, and that is said") func deep() async throws {
        try await Self.run(["--format", "0x30335258"]) { _, screen in
            await #expect(
                throws: ScreenError.unsupported(
                    "TEST-1",
                    reason: "its pixels are XR30, and only four bytes of 8 bits a colour are understood; "
                        + "set its depth to 8 bits")
            ) { try await screen.picture() }
        }
    }

    @Test("each change is told once, and a picture comes at once also when nothing changes") func change() async throws
    {
        try await Self.run { compositor, screen in
            let before = MonotonicTime.now
            let first = try await screen.picture()
            // What the compositor says of its time is not believed when it cannot be.
            #expect(Self.isRight(first, 0) && first.capturedAt > before)
            for number in 1...3 as ClosedRange<UInt32> {
                async let changed = screen.change(lookingEvery: .milliseconds(10))
                compositor.process.signal(SIGUSR1)
                #expect(Self.isRight(try await changed, number))
                #expect(Self.isRight(try await screen.picture(), number))
            }
            for number in 4...6 as ClosedRange<UInt32> {
                compositor.process.signal(SIGUSR1)
                #expect(Self.isRight(try await screen.change(lookingEvery: .milliseconds(10)), number))
            }
            let none = await compositor.loop.within(.milliseconds(100)) {
                try? await screen.change(lookingEvery: .milliseconds(10))
            }
            #expect(none == nil)
            #expect(Self.isRight(try await screen.picture(), 6))
        }
    }

    @Test("who is withdrawn, at whatever moment, has the change told the next time") func withdrawn() async throws {
        try await Self.run { compositor, screen in
            _ = try await screen.picture()
            for number in 1...12 as ClosedRange<UInt32> {
                compositor.process.signal(SIGUSR1)
                var seen: Image?
                for moment in 0..<8 where seen == nil { seen = await screen.change(cutAfter: 3 * moment) }
                if seen == nil { seen = try await screen.change(lookingEvery: .zero) }
                #expect(Self.isRight(try #require(seen), number))
            }
        }
    }

    private static let mishaps: [(String, ScreenError, ScreenError?)] = [
        ("unplug", .gone("TEST-1"), .gone("TEST-1")), ("resize", .changed("TEST-1"), .changed("TEST-1")),
        (
            "fail",
            .failed(
                "the Wayland compositor wayland-0", reason: "it gives no picture of TEST-1, which may be switched off"),
            nil
        ),
    ]

    /// What is expected of who waits for a change, and then of the next picture.
    @Test("what becomes of a screen is told, and no old picture shown", arguments: mishaps)
    func mishap(kind: String, waiting: ScreenError, then: ScreenError?) async throws {
        try await Self.run(["--mishap", kind]) { compositor, screen in
            _ = try await screen.picture()
            async let outcome = Self.outcome(of: screen)
            compositor.process.signal(SIGUSR2)
            #expect(await outcome == waiting)
            if let then {
                await #expect(throws: then) { try await screen.picture() }
            } else {
                #expect(Self.isRight(try await screen.picture(), 0))
            }
        }
    }

    private static func outcome(of screen: any Screen) async -> ScreenError? {
        do throws(ScreenError) { _ = try await screen.change(lookingEvery: .milliseconds(10)) } catch { return error }
        return nil
    }
}
