import Glibc
import LinuxIO
import NodeMedia
import NodeScreen
import NodeTesting
import ScreenTesting
import Testing

@testable import ScreenWayland

/// A compositor of Debian's without any hardware. None of them wants to be root's.
struct Compositor: Sendable {
    let folder: ScratchFolder
    let loop: EventLoop
    let process: ChildProcess
    /// Where it listens, when that has to be said.
    var socket: String?

    private static let nobody: UInt32 = 65_534
    /// What those of wlroots are told.
    static let withoutHardware = ["WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1"]

    /// Runs `body` beside the program. In its words % is the folder, which is the session's and has the `files`.
    static func run(
        _ words: [String], _ environment: [String: String] = [:], files: [String: String] = [:],
        _ body: @escaping @Sendable (Compositor) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            for (name, text) in files { try StateFile.write(folder.file(name), Array(text.utf8), durable: false) }
            if geteuid() == 0 {
                for path in [folder.path] + files.keys.map(folder.file) { chown(path, nobody, nobody) }
            }
            try await run(words, environment, in: folder, on: loop, body)
        }
    }

    static func run(
        _ words: [String], _ environment: [String: String], in folder: ScratchFolder, on loop: EventLoop,
        _ body: @escaping @Sendable (Compositor) async throws -> Void
    ) async throws {
        let rights = geteuid() == 0 ? ["--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"] : ["--no-new-privs"]
        let log = try FileDescriptor(opening: folder.file("log"), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        let process = try ChildProcess.spawn(
            "/usr/bin/setpriv", arguments: rights + words.map { $0.replacing("%", with: folder.path) },
            environment: variables(folder).merging(environment) { $1 },
            descriptors: [(log.raw, as: 1), (log.raw, as: 2)], on: loop)
        let result: Result<Void, any Error>
        do {
            try await body(Compositor(folder: folder, loop: loop, process: process))
            result = .success(())
        } catch { result = .failure(error) }
        await process.end()
        try result.get()
    }

    private static func variables(_ folder: ScratchFolder) -> [String: String] {
        ["XDG_RUNTIME_DIR": folder.path, "HOME": folder.path, "PATH": "/usr/bin:/bin"]
    }

    var variables: [String: String] {
        Self.variables(folder).merging(socket.map { ["WAYLAND_DISPLAY": $0] } ?? [:]) { $1 }
    }

    var driver: WaylandDriver { WaylandDriver(variables: variables, on: loop) }

    /// Waits for it to listen.
    func session() async throws -> any ScreenSession {
        while true {
            if let session = try await driver.session() { return session }
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    /// Runs a program in its session to its end.
    func command(_ words: String...) async throws {
        let log = try FileDescriptor(opening: folder.file("commands"), flags: O_WRONLY | O_CREAT, mode: 0o600)
        let child = try ChildProcess.spawn(
            "/usr/bin/" + words[0], arguments: Array(words.dropFirst()),
            environment: variables.merging(["WAYLAND_DISPLAY": "wayland-1"]) { $1 },
            descriptors: [(log.raw, as: 0), (log.raw, as: 1), (log.raw, as: 2)], on: loop)
        #expect(try await child.wait() == .exited(0), "\(words)")
    }
}

/// sway with two screens: HEADLESS-1 of 640×480, and HEADLESS-2 of 320×240 to its right.
struct Sway: Sendable {
    let compositor: Compositor
    var prefix = "HEADLESS-"

    /// As the backgrounds begin.
    static let colours: [UInt32] = [0x102030, 0xFF8001]
    private static let words = ["/usr/bin/sway", "-c", "%/config"]

    static func run(_ body: @escaping @Sendable (Sway) async throws -> Void) async throws {
        let configuration = """
            output HEADLESS-1 mode --custom 640x480 position 0 0 bg #102030 solid_color
            output HEADLESS-2 mode --custom 320x240 position 640 0 bg #ff8001 solid_color
            xwayland disable
            """
        let headless = ["WLR_BACKENDS": "headless", "WLR_HEADLESS_OUTPUTS": "2"]
        try await Compositor.run(
            words, Compositor.withoutHardware.merging(headless) { $1 }, files: ["config": configuration]
        ) {
            let sway = Sway(compositor: $0)
            for (index, colour) in colours.enumerated() { _ = try await sway.screen(index + 1, showing: colour) }
            try await body(sway)
        }
    }

    /// Another one, whose screens WL-1 and WL-2 are windows of this one.
    func nest(_ body: @escaping @Sendable (Sway) async throws -> Void) async throws {
        let windows = ["WLR_BACKENDS": "wayland", "WLR_WL_OUTPUTS": "2", "WAYLAND_DISPLAY": "wayland-1"]
        try await Compositor.run(
            Self.words, Compositor.withoutHardware.merging(windows) { $1 }, in: compositor.folder, on: loop
        ) { inner in
            var inner = inner
            inner.socket = "wayland-2"
            let sway = Sway(compositor: inner, prefix: "WL-")
            // Both windows are there, and each has its half of the screen, which they share in the end.
            for number in [1, 2] {
                while try await sway.output(number).1.width > 320 { try await loop.sleep(for: .milliseconds(20)) }
            }
            try await body(sway)
        }
    }

    var loop: EventLoop { compositor.loop }
    var folder: ScratchFolder { compositor.folder }

    static let name = "the Wayland compositor wayland-1"

    /// A command by its own socket (sway-ipc(7)). `swaymsg` would fail when sway takes three seconds for one.
    func tell(_ words: String) async throws {
        let name = try #require(folder.names.first { $0.hasSuffix(".\(compositor.process.pid).sock") })
        let socket = try StreamSocket.connect(to: folder.file(name), on: loop)
        // The kind of a command is 0.
        let head = [UInt32(words.utf8.count), 0].withUnsafeBytes { Array($0) }
        let request = Array("i3-ipc".utf8) + head + Array(words.utf8)
        #expect(try request.withUnsafeBytes { try socket.write($0) } == request.count)
        var answer = ""
        while !answer.hasSuffix("]") {
            let piece = try await socket.next()
            try #require(!piece.isEmpty, "\(words)")
            answer += String(decoding: piece, as: UTF8.self)
        }
        #expect(answer.contains("\"success\": true"), "\(words): \(answer)")
    }

    func output(_ number: Int) async throws -> (any ScreenSession, ScreenOutput) {
        while true {
            let session = try await compositor.session()
            let outputs = try await session.outputs()
            if let output = outputs.first(where: { $0.name == "\(prefix)\(number)" }) { return (session, output) }
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    func screen(_ number: Int) async throws -> any Screen {
        let (session, output) = try await output(number)
        return try await session.open(output)
    }

    /// Once all of it has that colour; with the picture taken.
    func screen(_ number: Int, showing colour: UInt32) async throws -> any Screen {
        while true {
            do {
                let screen = try await screen(number)
                var picture = try await screen.picture()
                while picture.colours != [colour] {
                    picture = try await screen.change(lookingEvery: .milliseconds(10))
                }
                return screen
            } catch ScreenError.changed, ScreenError.gone {
                // As the configuration is read.
            }
        }
    }
}

extension Screen {
    /// What `change` gives; nil when it was withdrawn before, after so many turns of the loop.
    func change(cutAfter turns: Int) async -> Image? {
        await withTaskGroup(of: Image?.self) { group in
            group.addTask {
                // Withdrawn, most often.
                try? await change(lookingEvery: .zero)
            }
            for _ in 0..<turns { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? nil
        }
    }
}
