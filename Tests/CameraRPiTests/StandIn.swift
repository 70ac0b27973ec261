import Glibc
import LinuxIO
import NodeCamera
import NodeCore
import NodeTesting
import Testing

@testable import CameraRPi

/// A machine with a program that behaves as rpicam-still does, in a folder of its own.
final class StandIn: Sendable {
    let scratch: ScratchFolder
    let loop: EventLoop
    /// Only a test that moves it runs out of time.
    let clock = HandClock()
    private let program: String

    static func run(
        _ listing: String = "libcamera-apps-2022-11", as program: String = "rpicam-still",
        _ body: @escaping @Sendable (StandIn) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let standIn = try StandIn(listing, as: program, on: loop)
            try await body(standIn)
            // Its folder goes with it.
            withExtendedLifetime(standIn) {}
        }
    }

    private init(_ listing: String, as program: String, on loop: EventLoop) throws {
        scratch = try ScratchFolder()
        self.loop = loop
        self.program = program
        // A program that was just written cannot be started while any thread of this process starts another.
        symlink("\(Files.standIn)/rpicam-still", scratch.file(program))
        for file in ["picture.jpg", "film.h264", "rpicam-vid"] {
            symlink("\(Files.standIn)/\(file)", scratch.file(file))
        }
        try write("list", try Files.listing(listing))
        try StateFile.makeDirectory(scratch.file("dev"))
        try StateFile.makeDirectory(scratch.file("class/v4l-subdev0"))
    }

    func write(_ file: String, _ text: String) throws {
        try StateFile.write(scratch.file(file), Array("\(text)\n".utf8), durable: false)
    }

    func behave(_ lines: String...) throws { try write("behaviour", lines.joined(separator: "\n")) }

    func uninstall(_ other: String? = nil) { unlink(scratch.file(other ?? program)) }

    func driver() -> RPiCameraDriver {
        let devices = MediaDevices(devices: scratch.file("dev"), classes: scratch.file("class"))
        return RPiCameraDriver(searchPath: scratch.path, devices: devices, timekeeper: clock, on: loop, log: .silent)
    }

    /// What the program was started with.
    var calls: [String] {
        // Before the first there is no file.
        let text = String(decoding: (try? StateFile.read(scratch.file("calls"))) ?? [], as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    /// Returns when the program hangs.
    func hung() async throws {
        let watch = try DirectoryWatch(scratch.path, on: loop)
        while !scratch.names.contains("pids") { try await watch.next() }
    }

    /// Returns when neither the program that hung nor its child runs any more; the program itself has been cleared away before.
    func expectEnd() async throws {
        let text = String(decoding: try StateFile.read(scratch.file("pids")), as: UTF8.self)
        let pids = text.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
        try #require(pids.count == 2)
        #expect(kill(pids[0], 0) == -1)
        await death(of: pids[1])
    }
}
