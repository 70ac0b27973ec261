import NodeScreen

/// What has changed on an X server's screens since it was last taken (DAMAGE).
struct X11Damage: Sendable {
    private let damage: UInt32
    private let region: UInt32
    private let numbers: X11Extensions.Numbers
    private let xfixes: X11Extensions.Numbers

    /// Nil where the server does not tell.
    static func watched(
        on connection: X11Connection, _ extensions: X11Extensions
    ) async throws(ScreenError) -> X11Damage? {
        guard let numbers = extensions.damage, let xfixes = extensions.xfixes else { return nil }
        let watch = X11Damage(
            damage: await connection.makeID(), region: await connection.makeID(), numbers: numbers, xfixes: xfixes)
        // CreateRegion, an empty one.
        var region = X11Request(xfixes.opcode, 5)
        region.add(watch.region)
        // Create, of all windows; told once, when something changes for the first time.
        var create = X11Request(numbers.opcode, 1)
        create.add(watch.damage)
        create.add(connection.setup.root)
        create.add(UInt32(3))
        // What it has against this one shows with the next.
        try await connection.send(region)
        guard try await connection.perform(create) else { return nil }
        return watch
    }

    func isAmong(_ events: Set<UInt8>) -> Bool { events.contains(numbers.event) }

    /// Where something has changed; from then on only what changes later counts.
    func take(_ connection: X11Connection) async throws(ScreenError) -> X11Area {
        // Subtract, all of it, into the region.
        var subtract = X11Request(numbers.opcode, 3)
        subtract.add(damage)
        subtract.add(UInt32(0))
        subtract.add(region)
        try await connection.send(subtract)
        // FetchRegion
        var fetch = X11Request(xfixes.opcode, 19)
        fetch.add(region)
        let reply = try await connection.reply(fetch)
        do throws(X11Flaw) {
            // Of all its rectangles together.
            return X11Area(
                x: try reply.signedWord(at: 8), y: try reply.signedWord(at: 10), width: try reply.word(at: 12),
                height: try reply.word(at: 14))
        } catch { throw connection.malformed }
    }
}
