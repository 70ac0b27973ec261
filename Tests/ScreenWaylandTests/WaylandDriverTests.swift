import Glibc
import LinuxIO
import NodeMedia
import NodeTesting
import ScreenTesting
import Testing

@testable import NodeScreen
@testable import ScreenWayland

@Suite("Screens of a Wayland compositor", .timeLimit(.minutes(3)))
struct WaylandDriverTests {
    @Test("screens have their connectors' names, and are where they are") func list() async throws {
        try await Sway.run { sway in
            try await sway.tell("output HEADLESS-2 scale 2")
            try await sway.tell("output HEADLESS-2 transform 270")
            var second = try await sway.output(2).1
            while second.turn == .none || second.scale == 1 { second = try await sway.output(2).1 }
            #expect(
                second == ScreenOutput(name: "HEADLESS-2", x: 640, width: 240, height: 320, scale: 2, turn: second.turn)
            )
            #expect(second.turn != .half)
            #expect(try await sway.output(1).1 == ScreenOutput(name: "HEADLESS-1", width: 640, height: 480))
            #expect(try await sway.output(1).0.outputs().count == 2)
        }
    }

    @Test("a picture has the pixels that are shown") func picture() async throws {
        try await Sway.run { sway in
            for (index, colour) in Sway.colours.enumerated() {
                let before = MonotonicTime.now
                let picture = try await sway.screen(index + 1).picture()
                #expect((before...MonotonicTime.now).contains(picture.capturedAt))
                #expect(picture.format == .bgrx && picture.bytes.count == 4 * picture.width * picture.height)
                #expect(picture.colours == [colour])
            }
        }
    }

    @Test("a turned screen's picture is upright, as others see it too")
    func turned() async throws {
        try await Sway.run { sway in
            let path = sway.folder.file("background.png")
            try await sway.compositor.command(
                "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240", "-frames:v", "1", path)
            chmod(path, 0o644)
            try await sway.tell("output HEADLESS-2 bg \(path) stretch")
            for turn in ["normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"] {
                try await sway.tell("output HEADLESS-2 transform \(turn)")
                try await Self.seenAlike(sway, turn)
            }
        }
    }

    /// Waits until the screen has settled, and grim and we see the same of it.
    private static func seenAlike(_ sway: Sway, _ turn: String) async throws {
        let swapped = turn.hasSuffix("90") || turn.hasSuffix("270")
        while true {
            let (session, output) = try await sway.output(2)
            guard (output.width, output.height) == (swapped ? (240, 320) : (320, 240)),
                let ours = try? await session.open(output).picture(), ours.colours.count > 8
            else { continue }
            let path = sway.folder.file("grim.ppm")
            try await sway.compositor.command("grim", "-t", "ppm", "-c", "-o", "HEADLESS-2", path)
            let theirs = try StateFile.read(path, limit: 1 << 20)
            let head = Array("P6\n\(output.width) \(output.height)\n255\n".utf8)
            guard theirs.starts(with: head) else { continue }
            var seen: [UInt8] = []
            for at in stride(from: 0, to: ours.bytes.count, by: 4) { seen += ours.bytes[at..<at + 3].reversed() }
            if seen.elementsEqual(theirs.dropFirst(head.count)) { return }
        }
    }

    @Test("what changes is told once it changes, and what changes elsewhere is not") func change() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            #expect(try await Self.change(screen, sway.loop) == nil)
            let (other, mouse) = (try await sway.screen(2, showing: 0xFF8001), try await Mouse(sway))
            try await mouse.move(to: 800, 100)
            while try await other.change(lookingEvery: .milliseconds(10)).colours.count == 1 {}
            // The pointer may have been seen where it came from.
            while try await Self.change(screen, sway.loop) != nil {}
            try await mouse.move(to: 700, 50)
            _ = try await other.change(lookingEvery: .milliseconds(10))
            #expect(try await Self.change(screen, sway.loop) == nil)
            async let changed = screen.change(lookingEvery: .milliseconds(10))
            try await sway.tell("output HEADLESS-1 bg #123456 solid_color")
            var picture = try await changed
            #expect(picture.colours != [0x102030])
            while picture.colours != [0x123456] { picture = try await screen.change(lookingEvery: .milliseconds(10)) }
            #expect(try await Self.change(screen, sway.loop) == nil)
        }
    }

    /// Nil when nothing changes for a while.
    private static func change(_ screen: any Screen, _ loop: EventLoop) async throws -> Image? {
        try await loop.within(.milliseconds(300)) { () -> Result<Image, any Error> in
            do { return .success(try await screen.change(lookingEvery: .milliseconds(10))) } catch {
                return .failure(error)
            }
        }?.get()
    }

    /// What ends the waiting for changes.
    private static func end(of screen: any Screen) async -> ScreenError {
        while true {
            do throws(ScreenError) { _ = try await screen.change(lookingEvery: .milliseconds(10)) } catch {
                return error
            }
        }
    }

    @Test("a screen that stays open is shown as it is now, beside those that there are now") func warm() async throws {
        try await Sway.run { sway in
            let screen = WarmScreen(drivers: [sway.compositor.driver], timekeeper: sway.loop)
            #expect(try await screen.look(at: 0).shown.outputs.count == 2)
            try await sway.tell("output HEADLESS-1 bg #123456 solid_color")
            while try await screen.look(at: 0).image.colours != [0x123456] {}
            try await sway.tell("create_output")
            while try await screen.look(at: 0).shown.outputs.map(\.name).last != "HEADLESS-3" {}
            try await sway.tell("output HEADLESS-1 mode --custom 800x600")
            while try await screen.look(at: 0).image.width != 800 {}
            await sway.compositor.process.end()
            await #expect(throws: ScreenError.noSession) { try await screen.look(at: 0) }
        }
    }

    @Test("what has changed while nobody waited is told at once") func late() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            #expect(try await Self.change(screen, sway.loop) == nil)
            for colour in [0x112233, 0x445566, 0x778899] as [UInt32] {
                try await sway.tell("output HEADLESS-1 bg #\(String(colour, radix: 16)) solid_color")
                _ = try await sway.screen(1, showing: colour)
            }
            var picture = try await screen.change(lookingEvery: .milliseconds(10))
            while picture.colours != [0x778899] { picture = try await screen.change(lookingEvery: .milliseconds(10)) }
        }
    }

    @Test("the pointer is in the picture, and where it goes is a change") func pointer() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            let mouse = try await Mouse(sway)
            var places: [Int] = []
            for (x, y) in [(100, 100), (400, 300)] {
                try await mouse.move(to: x, y)
                var picture = try await screen.change(lookingEvery: .milliseconds(10))
                while picture.pixel(x, y) == 0x102030, picture.pixel(x + 2, y + 4) == 0x102030 {
                    picture = try await screen.change(lookingEvery: .milliseconds(10))
                }
                let pixels = (0..<picture.width * picture.height).filter { place in
                    picture.pixel(place % picture.width, place / picture.width) != 0x102030
                }
                places.append(try #require(pixels.first))
                #expect(pixels.count < 64 * 64)
            }
            #expect(places[1] - places[0] == 300 + 200 * 640)
        }
    }

    @Test("a screen that is unplugged is told") func unplugged() async throws {
        try await Sway.run { outer in
            try await outer.nest { sway in
                let screen = try await sway.screen(2)
                _ = try await screen.picture()
                async let end = Self.end(of: screen)
                try await outer.tell("[title=\"WL-2\"] kill")
                #expect(await end == ScreenError.gone("WL-2"))
                await #expect(throws: ScreenError.gone("WL-2")) { try await screen.picture() }
                #expect(try await sway.output(1).0.outputs().map(\.name) == ["WL-1"])
            }
        }
    }

    @Test("a screen that got another size is not shown as something else") func resized() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            async let end = Self.end(of: screen)
            try await sway.tell("output HEADLESS-1 mode --custom 800x600")
            #expect(await end == ScreenError.changed("HEADLESS-1"))
            await #expect(throws: ScreenError.changed("HEADLESS-1")) { try await screen.picture() }
            let second = try await sway.screen(1).picture()
            #expect((second.width, second.height) == (800, 600))
        }
    }

    @Test("a compositor that ends is told") func gone() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            async let end = Self.end(of: screen)
            await sway.compositor.process.end()
            let gone = ScreenError.gone(Sway.name)
            #expect(await end == gone)
            await #expect(throws: gone) { try await screen.picture() }
            #expect(try await sway.compositor.driver.session() == nil)
        }
    }

    @Test("a compositor that hangs is not waited for, whatever it was asked") func hung() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            sway.compositor.process.signal(SIGSTOP)
            let silent = ScreenError.failed(
                Sway.name,
                reason: "it has said nothing for 10.0 seconds; whoever sits there may have to restart it")
            await #expect(throws: silent) { try await screen.change(lookingEvery: .milliseconds(10)) }
            await #expect(throws: ScreenError.self) { try await screen.picture() }
            await #expect(throws: silent) { try await sway.compositor.driver.session() }
            sway.compositor.process.signal(SIGCONT)
        }
    }

    @Test("who is asked while it waits for a change, and withdrawn, ends at once and can be asked again")
    func withdrawn() async throws {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            for round in 0..<20 {
                if round.isMultiple(of: 2) { _ = try await screen.picture() }
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await screen.change(lookingEvery: .zero) }
                    group.cancelAll()
                    await #expect(throws: ScreenError.cancelled) { try await group.waitForAll() }
                }
            }
            #expect(try await screen.picture().colours == [0x102030])
        }
    }

    @Test("who is withdrawn, at whatever moment, has the change told the next time") func withdrawnLater() async throws
    {
        try await Sway.run { sway in
            let screen = try await sway.screen(1, showing: 0x102030)
            let mouse = try await Mouse(sway)
            for round in 1...24 {
                try await mouse.move(to: 20 * round, 100)
                // As the last picture before it had it: one that is told twice would be no change.
                var isTold = false
                for moment in 0..<8 where !isTold {
                    isTold = await screen.change(cutAfter: 2 * moment + round % 2) != nil
                }
                if !isTold { _ = try await screen.change(lookingEvery: .zero) }
            }
        }
    }

    @Test("a compositor that hands out nothing is said to, and nothing else is shown") func weston() async throws {
        try await Compositor.run(
            ["/usr/bin/weston", "--backend=headless-backend.so", "--no-config"]
        ) { compositor in
            do {
                _ = try await compositor.session()
                Issue.record("it is seen")
            } catch ScreenError.unsupported(let screen, let reason) {
                #expect(screen.hasPrefix("the Wayland compositor wayland-") && screen.hasSuffix(" (weston)"))
                #expect(reason.hasPrefix("it offers neither ext_image_copy_capture_manager_v1 nor zwlr_screencopy"))
            }
        }
    }

    @Test("of several compositors the named one is asked, and none is guessed") func several() async throws {
        try await Sway.run { sway in
            let socket = sway.folder.file("wayland-1")
            symlink(socket, sway.folder.file("wayland-9"))
            do {
                _ = try await sway.compositor.driver.session()
                Issue.record("one was guessed")
            } catch ScreenError.unsupported(let screen, let reason) {
                #expect(screen.contains("wayland-1") && screen.contains("wayland-9"))
                #expect(reason.contains("WAYLAND_DISPLAY"))
            }
            for named in ["wayland-9", socket] {
                let variables = sway.compositor.variables.merging(["WAYLAND_DISPLAY": named]) { $1 }
                #expect(try await WaylandDriver(variables: variables, on: sway.loop).session() != nil)
            }
        }
    }

    @Test("without a compositor this way leads nowhere") func none() async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            try StateFile.write(folder.file("wayland-0"), [], durable: false)
            for named in ["", "wayland-0", "/nowhere"] {
                let variables = ["XDG_RUNTIME_DIR": folder.path, "WAYLAND_DISPLAY": named]
                #expect(try await WaylandDriver(variables: variables, on: loop).session() == nil)
            }
        }
    }
}
