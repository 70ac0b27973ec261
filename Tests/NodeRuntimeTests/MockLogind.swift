import DBus
import Glibc
import LinuxIO
import NodeTesting

/// A logind that only says what it is told to: python3-dbusmock's, on a bus of the test's own.
struct MockLogind {
    private static let service = "org.freedesktop.login1"
    private static let path = "/org/freedesktop/login1"
    private static let mock = "org.freedesktop.DBus.Mock"

    let process: ChildProcess
    private let connection: Bus

    /// Returns once it is there. It ends with the bus.
    init(on bus: PrivateBus, _ connection: Bus) async throws {
        process = try await bus.mock(["--template", "logind"], as: Self.service, connection)
        self.connection = connection
    }

    /// The last one is at the machine.
    func addSession(_ id: String, of user: uid_t) async throws {
        _ = try await connection.call(
            Self.service, Self.path, Self.mock, "AddSession",
            [.string(id), .string("seat0"), .uint32(user), .string("user"), .boolean(true)])
    }

    /// Has it say that session `id` is idle since then.
    func setIdle(_ id: String, since: Duration) async throws {
        let moment = UInt64(since.components.seconds) * 1_000_000
        let hints: [BusValue] = [
            .entry(.string("IdleHint"), .variant(.boolean(true))),
            .entry(.string("IdleSinceHintMonotonic"), .variant(.uint64(moment))),
        ]
        _ = try await connection.call(
            Self.service, Self.path + "/session/" + id, Self.mock, "UpdateProperties",
            [.string(Self.service + ".Session"), .array(of: "{sv}", hints)])
    }
}

extension PrivateBus {
    /// Returns once `service` is there, as `connection` is told.
    func mock(_ words: [String], as service: String, _ connection: Bus) async throws -> ChildProcess {
        let rule = SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
        var owners = try await connection.signals(rule).makeAsyncIterator()
        let process = try mock(words)
        while let owner = await owners.next(), owner.body.first?.text != service {}
        return process
    }
}
