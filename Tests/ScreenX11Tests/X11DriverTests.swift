import Glibc
import LinuxIO
import NodeMedia
import NodeTesting
import ScreenTesting
import Testing

@testable import NodeScreen
@testable import ScreenX11

@Suite("Screens of an X server", .timeLimit(.minutes(2)))
struct X11DriverTests {
    @Test("a picture has the pixels that were drawn, through shared memory or the socket", arguments: [true, false])
    func picture(isShared: Bool) async throws {
        try await XServer.run(isShared ? [] : ["-extension", "MIT-SHM"]) { server in
            let painter = try await server.painter()
            try await painter.fill(0x102030)
            try await painter.fill(0xFF8001, x: 600, y: 400, width: 40, height: 80)
            let picture = try await server.screen().picture()
            #expect(picture.format == .bgrx && (picture.width, picture.height) == (640, 480))
            #expect(picture.bytes.count == 4 * 640 * 480)
            #expect(picture.pixel(599, 479) == 0x102030 && picture.pixel(600, 400) == 0xFF8001)
            #expect(picture.drawnColours == [0x102030, 0xFF8001])
        }
    }

    @Test("a monitor is a part of the screen, under its name") func monitors() async throws {
        try await XServer.run { server in
            try await server.split()
            let painter = try await server.painter()
            try await painter.fill(0xFF0000, width: 320)
            try await painter.fill(0x0000FF, x: 320, width: 320)
            let session = try await server.session()
            let outputs = try await session.outputs().sorted { $0.name < $1.name }
            #expect(
                outputs == [
                    ScreenOutput(name: "LEFT", width: 320, height: 480),
                    ScreenOutput(name: "RIGHT", x: 320, width: 320, height: 480),
                ])
            for (output, colour) in zip(outputs, [0xFF0000, 0x0000FF] as [UInt32]) {
                #expect(try await session.open(output).picture().drawnColours == [colour])
            }
        }
    }

    @Test("no monitor is the main one unless the server says so") func single() async throws {
        try await XServer.run { server in
            let outputs = try await server.session().outputs()
            #expect(outputs == [ScreenOutput(name: "screen", width: 640, height: 480)])
        }
    }

    @Test("a server without RANDR has one screen") func withoutMonitors() async throws {
        try await XServer.run(["-extension", "RANDR"]) { server in
            let picture = try await server.screen().picture()
            #expect(picture.width == 640)
        }
    }

    @Test("what changes is told once it changes, and the rest is not") func change() async throws {
        try await XServer.run { server in
            try await server.split()
            let painter = try await server.painter()
            let screen = try await server.screen("LEFT")
            _ = try await screen.picture()
            // Nothing, and then something else.
            #expect(try await Self.change(screen, server.loop) == nil)
            try await painter.fill(0xABCDEF, x: 320, width: 320)
            #expect(try await Self.change(screen, server.loop) == nil)
            try await painter.fill(0x123456, x: 10, y: 10, width: 5, height: 5)
            let changed = try await screen.change(lookingEvery: .milliseconds(10))
            #expect(changed.pixel(12, 12) == 0x123456 && changed.changedRows == 10..<15)
            #expect(try await Self.change(screen, server.loop) == nil)
        }
    }

    @Test("after a change a picture is what a new look shows, in all its parts", arguments: ["LEFT", "RIGHT"])
    func parts(monitor: String) async throws {
        try await XServer.run { server in
            try await server.split()
            let painter = try await server.painter()
            try await painter.fill(0x336699)
            try await server.command("xsetroot", "-cursor_name", "left_ptr")
            let screen = try await server.screen(monitor)
            var last = try await screen.picture()
            // On both monitors, below the pointer and beside it, while it stays, moves, and goes to the other one.
            for (step, pointer) in [100, 100, 110, 310, 420, 420].enumerated() {
                try await painter.movePointer(x: pointer, y: 200)
                for x in [90, 410] {
                    let colour = UInt32(step * 0x10_0804 + x)
                    try await painter.fill(colour, x: x + 7 * step, y: 195, width: 20, height: 11)
                }
                let picture = try await screen.change(lookingEvery: .milliseconds(10))
                let isSame = try await server.screen(monitor).picture().bytes == picture.bytes
                #expect(isSame, "step \(step)")
                let changedRows = try #require(picture.changedRows)
                let isTold = (0..<480).allSatisfy { changedRows.contains($0) || picture.row($0) == last.row($0) }
                #expect(isTold && changedRows.count < 100, "step \(step): \(changedRows)")
                last = picture
            }
        }
    }

    /// Nil when nothing changes for a while.
    private static func change(_ screen: any Screen, _ loop: EventLoop) async throws -> Image? {
        try await loop.within(.milliseconds(200)) { () -> Result<Image, any Error> in
            do { return .success(try await screen.change(lookingEvery: .milliseconds(10))) } catch {
                return .failure(error)
            }
        }?.get()
    }

    @Test("a server that tells nothing of changes is looked at each time") func withoutDamage() async throws {
        try await XServer.run(["-extension", "DAMAGE"]) { server in
            let screen = try await server.screen()
            _ = try await screen.picture()
            _ = try await screen.change(lookingEvery: .milliseconds(10))
        }
    }

    @Test("the pointer is in the picture, and where it goes is a change") func pointer() async throws {
        try await XServer.run { server in
            let painter = try await server.painter()
            try await painter.fill(0x336699)
            try await server.command("xsetroot", "-cursor_name", "left_ptr")
            try await painter.movePointer(x: 100, y: 100)
            let screen = try await server.screen()
            let first = try await screen.picture()
            let (left, top) = Self.marked(first)
            try await painter.movePointer(x: 610, y: 450)
            let second = try await screen.change(lookingEvery: .milliseconds(10))
            #expect((100...110).contains(left) && (100...110).contains(top))
            #expect(Self.marked(second) == (left + 510, top + 350))
        }
    }

    /// The upper left corner of what is black. Around that an arrow has an edge.
    private static func marked(_ picture: Image) -> (left: Int, top: Int) {
        var (left, top) = (Int.max, Int.max)
        for y in 0..<picture.height {
            for x in 0..<picture.width where picture.pixel(x, y) == 0 {
                left = min(left, x)
                top = min(top, y)
            }
        }
        return (left, top)
    }

    @Test("a screen that got another size is not shown as something else") func resized() async throws {
        try await XServer.run { server in
            let screen = try await server.screen()
            _ = try await screen.picture()
            try await server.addSmallMode()
            try await server.command("xrandr", "--output", "screen", "--mode", "small")
            await #expect(throws: ScreenError.changed("screen")) {
                try await screen.change(lookingEvery: .milliseconds(10))
            }
            await #expect(throws: ScreenError.changed("screen")) { try await screen.picture() }
            #expect(try await server.screen().picture().width == 320)
        }
    }

    @Test("a screen that stays open is shown as it is now, and at its size") func warm() async throws {
        try await XServer.run { server in
            let screen = WarmScreen(drivers: [server.driver], timekeeper: server.loop)
            let painter = try await server.painter()
            for colour in [0x102030, 0xFF8001, 0x00FF00] as [UInt32] {
                try await painter.fill(colour)
                #expect(try await screen.look(at: 0).image.drawnColours == [colour])
            }
            try await server.addSmallMode()
            try await server.command("xrandr", "--output", "screen", "--mode", "small")
            #expect(try await screen.look(at: 0).image.width == 320)
            await server.process.end()
            await #expect(throws: ScreenError.noSession) { try await screen.look(at: 0) }
        }
    }

    @Test("a server that ends is told") func gone() async throws {
        try await XServer.run { server in
            let screen = try await server.screen()
            _ = try await screen.picture()
            await server.process.end()
            let gone = ScreenError.gone("the X server \(server.display)")
            await #expect(throws: gone) { try await screen.change(lookingEvery: .milliseconds(10)) }
            unlink(server.display.path)
            unlink("/tmp/.X\(server.display.number)-lock")
            #expect(try await server.driver.session() == nil)
        }
    }

    @Test("a server that hangs is not waited for, whatever it was asked") func hung() async throws {
        try await XServer.run { server in
            let screen = try await server.screen()
            server.process.signal(SIGSTOP)
            let silent = ScreenError.failed(
                "the X server \(server.display)",
                reason: "it has said nothing for 10.0 seconds; whoever sits there may have to restart it")
            await #expect(throws: silent) { try await screen.picture() }
            await #expect(throws: silent) { try await server.driver.session() }
            server.process.signal(SIGCONT)
        }
    }

    @Test("who is asked while it waits for a change, and withdrawn, ends at once and can be asked again")
    func withdrawn() async throws {
        try await XServer.run { server in
            let screen = try await server.screen()
            for _ in 0..<20 {
                _ = try await screen.picture()
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await screen.change(lookingEvery: .zero) }
                    group.cancelAll()
                    await #expect(throws: ScreenError.cancelled) { try await group.waitForAll() }
                }
            }
            #expect(try await screen.picture().width == 640)
        }
    }

    @Test("pixels of two bytes are not understood, and that is said") func shallow() async throws {
        try await XServer.run(screen: "640x480x16") { server in
            await #expect(
                throws: ScreenError.unsupported(
                    "the X server \(server.display)",
                    reason:
                        "its pixels have 16 bits, and only 24 in four bytes are understood; start it with that depth")
            ) { try await server.screen() }
        }
    }
}
