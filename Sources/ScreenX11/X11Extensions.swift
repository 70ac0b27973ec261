import NodeScreen

/// What an X server offers beside the protocol itself, of what is of use here. Each is asked for once for each conversation, and tells
/// its numbers.
struct X11Extensions: Equatable, Sendable {
    struct Numbers: Equatable, Sendable {
        /// Of its requests.
        let opcode: UInt8
        /// Of its first event.
        let event: UInt8
    }

    /// Monitors: 1.5 or newer.
    let randr: Numbers?
    /// Pictures through shared memory, which is handed over as a descriptor: 1.2 or newer.
    let shm: Numbers?
    /// What the pointer looks like.
    let xfixes: Numbers?
    /// What has changed.
    let damage: Numbers?
    /// It shows its windows in another's session, and has no screen.
    let isXwayland: Bool

    init(_ connection: X11Connection) async throws(ScreenError) {
        randr = try await Self.numbers("RANDR", atLeast: (1, 5), connection)
        shm = try await Self.numbers("MIT-SHM", atLeast: (1, 2), connection)
        // Before version 4 no client could know what it wants of these two: any will do.
        xfixes = try await Self.numbers("XFIXES", atLeast: (2, 0), connection)
        damage = xfixes == nil ? nil : try await Self.numbers("DAMAGE", atLeast: (1, 1), connection)
        isXwayland = try await Self.numbers("XWAYLAND", connection) != nil
    }

    private static func numbers(
        _ name: String, _ connection: X11Connection
    ) async throws(ScreenError) -> Numbers? {
        // QueryExtension
        var request = X11Request(98)
        request.add(UInt16(name.utf8.count))
        request.skip(2)
        request.add(text: name)
        let reply = try await connection.reply(request)
        do throws(X11Flaw) {
            guard try reply.byte(at: 8) != 0 else { return nil }
            return Numbers(opcode: try reply.byte(at: 9), event: try reply.byte(at: 10))
        } catch { throw connection.malformed }
    }

    /// Nil for an older one, too. Servers want to hear of whoever uses an extension which version is known there.
    private static func numbers(
        _ name: String, atLeast least: (major: Int, minor: Int), _ connection: X11Connection
    ) async throws(ScreenError) -> Numbers? {
        guard let numbers = try await numbers(name, connection) else { return nil }
        // QueryVersion is every extension's first request. That of MIT-SHM is of the time before there was more than one version.
        let isOld = name == "MIT-SHM"
        var request = X11Request(numbers.opcode)
        if !isOld {
            request.add(UInt32(least.major))
            request.add(UInt32(least.minor))
        }
        let reply = try await connection.reply(request)
        do throws(X11Flaw) {
            let version =
                isOld
                ? (try reply.word(at: 8), try reply.word(at: 10))
                : (Int(try reply.long(at: 8)), Int(try reply.long(at: 12)))
            return version >= least ? numbers : nil
        } catch { throw connection.malformed }
    }
}
