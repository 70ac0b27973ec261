import LinuxIO
import NodeMedia
import NodeScreen

/// The desktop of an X server.
struct X11Session: ScreenSession {
    let connection: X11Connection
    let extensions: X11Extensions
    let loop: EventLoop

    /// In bytes; no screen has as many.
    private static let largest = 1 << 30

    func outputs() async throws(ScreenError) -> [ScreenOutput] {
        try await Self.outputs(connection, extensions)
    }

    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
        guard connection.setup.isBGRX else {
            throw .unsupported(
                connection.name,
                reason: "its pixels have \(connection.setup.depth) bits, and only 24 in four bytes are understood; "
                    + "start it with that depth")
        }
        guard 4 * output.width * output.height <= Self.largest else {
            throw .unsupported(
                output.name, reason: "it has \(output.width) by \(output.height) pixels, which are too many")
        }
        return try await X11Screen(output, of: connection, extensions, on: loop)
    }

    /// Turned monitors are upright already: the server turns what they show.
    static func outputs(
        _ connection: X11Connection, _ extensions: X11Extensions
    ) async throws(ScreenError) -> [ScreenOutput] {
        guard let randr = extensions.randr else {
            let setup = connection.setup
            return [ScreenOutput(name: "screen", width: setup.width, height: setup.height, isMain: true)]
        }
        // GetMonitors: those that show something.
        var request = X11Request(randr.opcode, 42)
        request.add(connection.setup.root)
        request.add(UInt32(1))
        let reply = try await connection.reply(request)
        let monitors: [X11Monitor]
        do throws(X11Flaw) { monitors = try X11Monitor.all(reply) } catch { throw connection.malformed }
        var outputs: [ScreenOutput] = []
        for monitor in monitors {
            outputs.append(
                ScreenOutput(
                    name: try await name(of: monitor.name, connection), x: monitor.x, y: monitor.y,
                    width: monitor.width, height: monitor.height, isMain: monitor.isPrimary))
        }
        return outputs
    }

    private static func name(
        of atom: UInt32, _ connection: X11Connection
    ) async throws(ScreenError) -> String {
        // GetAtomName
        var request = X11Request(17)
        request.add(atom)
        let reply = try await connection.reply(request)
        do throws(X11Flaw) { return try reply.text(at: 32, count: try reply.word(at: 8)) } catch {
            throw connection.malformed
        }
    }
}

/// A monitor as RANDR lists it.
struct X11Monitor: Equatable {
    let name: UInt32
    let isPrimary: Bool
    let x: Int
    let y: Int
    let width: Int
    let height: Int

    /// Without those that have no pixels.
    static func all(_ reply: X11Data) throws(X11Flaw) -> [X11Monitor] {
        var monitors: [X11Monitor] = []
        var offset = 32
        for _ in 0..<(try reply.long(at: 12)) {
            let monitor = X11Monitor(
                name: try reply.long(at: offset), isPrimary: try reply.byte(at: offset + 4) != 0,
                x: try reply.signedWord(at: offset + 8), y: try reply.signedWord(at: offset + 10),
                width: try reply.word(at: offset + 12), height: try reply.word(at: offset + 14))
            if monitor.width > 0, monitor.height > 0 { monitors.append(monitor) }
            offset += 24 + 4 * (try reply.word(at: offset + 6))
        }
        return monitors
    }
}
