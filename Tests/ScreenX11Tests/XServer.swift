import Glibc
import LinuxIO
import NodeMedia
import NodeScreen
import NodeTesting
import ScreenTesting
import Testing

@testable import ScreenX11

/// An X server of Debian's without any hardware: Xvfb.
struct XServer: Sendable {
    let folder: ScratchFolder
    let loop: EventLoop
    let process: ChildProcess
    let display: X11Display

    /// `arguments` beside those that every server of a test has.
    static func run(
        _ arguments: [String] = [], screen: String = "640x480x24",
        _ body: @escaping @Sendable (XServer) async throws -> Void
    ) async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            let server = try await VirtualDisplay.start(arguments, screen: screen, in: folder, on: loop)
            let result: Result<Void, any Error>
            do {
                let display = try #require(X11Display(server.name))
                try await body(XServer(folder: folder, loop: loop, process: server.process, display: display))
                result = .success(())
            } catch { result = .failure(error) }
            await server.end(on: loop)
            try result.get()
        }
    }

    var variables: [String: String] { ["DISPLAY": "\(display)", "HOME": folder.path, "PATH": "/usr/bin:/bin"] }
    var driver: X11Driver { X11Driver(variables: variables, on: loop) }

    func session() async throws -> any ScreenSession { try #require(try await driver.session()) }

    /// The screen of that name.
    func screen(_ name: String = "screen") async throws -> any Screen {
        let session = try await session()
        return try await session.open(try #require(try await session.outputs().first { $0.name == name }))
    }

    /// Runs one of the X programs to its end.
    func command(_ name: String, _ arguments: String...) async throws {
        #expect(try await ending(name, arguments) == .exited(0), "\(name) \(arguments)")
    }

    /// How one of them ends.
    func ending(_ name: String, _ arguments: [String]) async throws -> LinuxIO.ExitStatus {
        let nothing = try FileDescriptor(opening: "/dev/null", flags: O_RDWR)
        let child = try ChildProcess.spawn(
            "/usr/bin/" + name, arguments: arguments, environment: variables,
            descriptors: [(nothing.raw, as: 0), (nothing.raw, as: 1)], on: loop)
        return try await child.wait()
    }

    /// 320×240, as `small`.
    func addSmallMode() async throws {
        try await command(
            "xrandr", "--newmode", "small", "12", "320", "330", "340", "400", "240", "250", "260", "300")
        try await command("xrandr", "--addmode", "screen", "small")
    }

    /// Two monitors side by side, each with half of the screen.
    func split() async throws {
        try await command("xrandr", "--setmonitor", "LEFT", "320/80x480/120+0+0", "screen")
        try await command("xrandr", "--setmonitor", "RIGHT", "320/80x480/120+320+0", "none")
    }

    func painter() async throws -> Painter {
        let connection = try #require(
            try await X11Connection.open(display, at: display.path, nil, on: loop))
        return try await Painter(connection)
    }
}

/// Draws on the screen's background.
struct Painter: Sendable {
    let connection: X11Connection
    private let pen: UInt32

    init(_ connection: X11Connection) async throws {
        self.connection = connection
        pen = await connection.makeID()
        // CreateGC
        var request = X11Request(55)
        request.add(pen)
        request.add(connection.setup.root)
        request.add(UInt32(0))
        #expect(try await connection.perform(request))
    }

    /// `colour`: 0xRRGGBB. Returns when it is there.
    func fill(_ colour: UInt32, x: Int = 0, y: Int = 0, width: Int = 640, height: Int = 480) async throws {
        // ChangeGC: the foreground.
        var change = X11Request(56)
        change.add(pen)
        change.add(UInt32(1 << 2))
        change.add(colour)
        try await connection.send(change)
        // PolyFillRectangle
        var fill = X11Request(70)
        fill.add(connection.setup.root)
        fill.add(pen)
        for number in [x, y, width, height] { fill.add(UInt16(number)) }
        #expect(try await connection.perform(fill))
    }

    func movePointer(x: Int, y: Int) async throws {
        // WarpPointer
        var warp = X11Request(41)
        warp.add(UInt32(0))
        warp.add(connection.setup.root)
        warp.skip(8)
        warp.add(UInt16(x))
        warp.add(UInt16(y))
        #expect(try await connection.perform(warp))
    }
}

extension Image {
    /// Without those of the pointer, which are black and white.
    var drawnColours: Set<UInt32> { colours.subtracting([0, 0xFFFFFF]) }
}
