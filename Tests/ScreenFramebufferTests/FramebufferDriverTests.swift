import LinuxIO
import NodeScreen
import NodeTesting
import Testing

@testable import ScreenFramebuffer

@Suite("Framebuffers", .timeLimit(.minutes(1)))
struct FramebufferDriverTests {
    private static let screen = "sys/class/graphics/fb0/device/drm/card0/card0-HDMI-A-1"

    private static func darkness(_ files: [String: String]) throws -> ScreenError? {
        let folder = try ScratchFolder()
        for (path, text) in files { try folder.write(path, Array(text.utf8)) }
        return GraphicsFiles(root: folder.path).darkness("fb0")
    }

    @Test("where there is none this way leads nowhere") func none() async throws {
        let folder = try ScratchFolder()
        try folder.write("dev/fbcondecor", [])
        try await onEventLoop { loop in
            let session = try await FramebufferDriver(root: folder.path, timekeeper: loop).session()
            #expect(session == nil)
        }
    }

    @Test("they are in the order of their numbers") func order() throws {
        let folder = try ScratchFolder()
        for name in ["fb10", "fb2", "fb0", "full", "fb"] { try folder.write("dev/\(name)", []) }
        #expect(GraphicsFiles(root: folder.path).framebuffers == ["fb0", "fb2", "fb10"])
    }

    @Test("one that cannot be looked at is said so, by its name") func failure() async throws {
        let folder = try ScratchFolder()
        try folder.write("dev/fb0", [])
        try await onEventLoop { loop in
            let found = try await FramebufferDriver(root: folder.path, timekeeper: loop).session()
            let session = try #require(found)
            // A file is no device.
            await #expect(throws: ScreenError.failed("fb0", reason: "Inappropriate ioctl for device")) {
                try await session.outputs()
            }
        }
    }

    @Test("of what is switched off or asleep there is no picture") func dark() throws {
        let off = [Self.screen + "/status": "connected\n", Self.screen + "/dpms": "Off\n"]
        #expect(try Self.darkness(off)?.refusal.message.contains("console.snapshot has its text") == true)
        let asleep = try Self.darkness(["sys/class/graphics/fb0/state": "1\n"])
        #expect(asleep?.refusal.message.contains("its driver sleeps") == true)
    }

    @Test("what one screen shows, or none that tells, is shown") func lit() throws {
        let off = [Self.screen + "/status": "connected\n", Self.screen + "/dpms": "Off\n"]
        let two = off.merging([
            Self.screen + "b/status": "connected\n", Self.screen + "b/dpms": "On\n",
            "sys/class/graphics/fb0/state": "0\n",
        ]) { $1 }
        #expect(try Self.darkness(two) == nil)
        #expect(try Self.darkness([Self.screen + "/status": "disconnected\n", Self.screen + "/dpms": "Off\n"]) == nil)
        #expect(try Self.darkness([:]) == nil)
    }

    @Test(
        "how far consoles are turned is what the kernel tells, if it does",
        arguments: [("3\n", 3), ("0\n", 0), ("", 0)])
    func rotation(text: String, quarters: Int) throws {
        let folder = try ScratchFolder()
        #expect(GraphicsFiles(root: folder.path).rotation == 0)
        try folder.write("sys/class/graphics/fbcon/rotate", Array(text.utf8))
        #expect(GraphicsFiles(root: folder.path).rotation == quarters)
    }

    /// As the kernel turns a picture of three pixels by two, of which each has its number's colour.
    @Test(
        "a turned console's picture is upright",
        arguments: zip(0...3, [[1, 2, 3, 4, 5, 6], [4, 1, 5, 2, 6, 3], [6, 5, 4, 3, 2, 1], [3, 6, 2, 5, 1, 4]]))
    func turned(rotation: Int, memory: [UInt8]) throws {
        let isHigh = rotation % 2 == 1
        let layout = try #require(
            FramebufferLayoutTests.layout(
                isHigh ? 2 : 3, isHigh ? 3 : 2, bits: 32, row: isHigh ? 8 : 12, red: (16, 8), green: (8, 8),
                blue: (0, 8)))
        let look = FramebufferView.Look(
            layout: layout, transform: ScreenTransform(quarters: -rotation), rows: memory.flatMap { [$0, 0, 0, 0] })
        #expect(look.picture == (1...6).flatMap { [$0, 0, 0, 0] as [UInt8] })
    }

    @Test("a console behind a desktop is not the machine's node's to see, and it is said whose") func covered() {
        let refusal = ScreenError.covered("fb0").refusal
        #expect(refusal.code == .invalidRequest && refusal.message.contains("; as that user: systemctl --user enable"))
    }
}

extension ScratchFolder {
    /// A file, with the folders on the way to it.
    func write(_ path: String, _ bytes: [UInt8]) throws {
        let name = file(path)
        try StateFile.makeDirectory(String(name[..<(name.lastIndex(of: "/") ?? name.endIndex)]))
        try StateFile.write(name, bytes, durable: false)
    }
}
