import NodeScreen

/// What an X server offers beside the protocol itself, of what is of use here. Each is asked for once for each conversation, and tells
/// its numbers.
struct X11Extensions: Equatable, Sendable {
    struct Numbers: Equatable, Sendable {
        /// Of its requests.
        let opcode: UInt8
        /// Of its first event.
        let event: UInt8

        /// Nil for one that is not there. Of a reply to QueryExtension.
        init?(_ reply: X11Data) throws(X11Flaw) {
            guard try reply.byte(at: 8) != 0 else { return nil }
            opcode = try reply.byte(at: 9)
            event = try reply.byte(at: 10)
        }
    }

    /// One that has to have a version. Servers want to hear of whoever uses it which one is known there.
    private struct Versioned {
        let name: String
        let least: (major: Int, minor: Int)

        /// It is of the time before there was more than one version, and asks for none.
        private var isOld: Bool { name == "MIT-SHM" }

        /// QueryVersion, every extension's first request.
        func question(_ numbers: Numbers) -> X11Request {
            var request = X11Request(numbers.opcode)
            if !isOld {
                request.add(UInt32(least.major))
                request.add(UInt32(least.minor))
            }
            return request
        }

        func isNewEnough(_ reply: X11Data) throws(X11Flaw) -> Bool {
            let version =
                isOld
                ? (try reply.word(at: 8), try reply.word(at: 10))
                : (Int(try reply.long(at: 8)), Int(try reply.long(at: 12)))
            return version >= least
        }
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

    private static let versioned: [Versioned] = [
        Versioned(name: "RANDR", least: (1, 5)), Versioned(name: "MIT-SHM", least: (1, 2)),
        // Before version 4 no client could know what it wants of these two: any will do.
        Versioned(name: "XFIXES", least: (2, 0)), Versioned(name: "DAMAGE", least: (1, 1)),
    ]

    init(_ connection: X11Connection) async throws(ScreenError) {
        let names = Self.versioned.map(\.name) + ["XWAYLAND"]
        let replies = try await connection.replies(names.map { Self.question($0) })
        var there: [String: Numbers] = [:]
        var questions: [(of: Versioned, request: X11Request)] = []
        do throws(X11Flaw) {
            for (name, reply) in zip(names, replies) { there[name] = try Numbers(reply) }
        } catch { throw connection.malformed }
        for one in Self.versioned {
            if let numbers = there[one.name] { questions.append((one, one.question(numbers))) }
        }
        let versions = try await connection.replies(questions.map(\.request))
        do throws(X11Flaw) {
            for (question, reply) in zip(questions, versions) {
                if try !question.of.isNewEnough(reply) { there[question.of.name] = nil }
            }
        } catch { throw connection.malformed }
        randr = there["RANDR"]
        shm = there["MIT-SHM"]
        xfixes = there["XFIXES"]
        damage = xfixes == nil ? nil : there["DAMAGE"]
        isXwayland = there["XWAYLAND"] != nil
    }

    /// QueryExtension
    private static func question(_ name: String) -> X11Request {
        var request = X11Request(98)
        request.add(UInt16(name.utf8.count))
        request.skip(2)
        request.add(text: name)
        return request
    }
}
