import DBus
import Glibc
import LinuxIO

/// Who is logged in, as logind knows it (org.freedesktop.login1(5)). Without one nobody is known.
struct Logins: Sendable {
    struct Session: Equatable, Sendable {
        let id: String
        let user: uid_t
        /// Empty for one from elsewhere, such as ssh's.
        let seat: String
    }

    private let bus: SystemBus

    private static let service = "org.freedesktop.login1"
    private static let path = "/org/freedesktop/login1"
    private static let properties = "org.freedesktop.DBus.Properties"

    init(_ bus: SystemBus) {
        self.bus = bus
    }

    /// The session of a user's that has a seat, else any.
    func session(of user: uid_t) async -> Session? {
        let sessions = await bus.ask(Self.sessions)?.filter { $0.user == user } ?? []
        return sessions.first { !$0.seat.isEmpty } ?? sessions.first
    }

    /// Whose session is shown where the machine itself is used.
    func activeUser() async -> uid_t? {
        let found = await bus.ask { bus -> uid_t? in
            guard let active = try await Self.active(bus)?.id else { return nil }
            return try await Self.sessions(bus).first { $0.id == active }?.user
        }
        return found ?? nil
    }

    /// For how long who sits at the machine has not used it. Nil where nobody does, or nobody knows: a desktop has to tell logind.
    func idleness() async -> Duration? {
        let found = await bus.ask { bus -> Duration? in
            guard let active = try await Self.active(bus)?.path else { return nil }
            let answer = try await bus.call(
                Self.service, active, Self.properties, "GetAll", [.string(Self.service + ".Session")])
            return Self.idleness(answer.first?.dictionary ?? [:], at: .now())
        }
        return found ?? nil
    }

    /// Of a session's properties.
    static func idleness(_ session: [String: BusValue], at now: ClockReading) -> Duration? {
        // The screen at which people log in is a session too, of another class.
        guard session["Class"]?.text == "user", let isIdle = session["IdleHint"]?.flag,
            let since = session["IdleSinceHintMonotonic"]?.integer, since > 0
        else { return nil }
        // Of a terminal it is when it was used last, of a desktop when it has last become idle or ceased to be.
        guard isIdle || session["Type"]?.text == "tty" else { return .zero }
        // How much of it the machine has slept only the time of day tells, which may have been set meanwhile.
        let awake = now.monotonic - .microseconds(since)
        let real = now.real - .microseconds(session["IdleSinceHint"]?.integer ?? 0)
        return max(min(max(real, awake), now.boot - .microseconds(since)), .zero)
    }

    /// The session in front of the machine's own screen.
    @Sendable private static func active(_ bus: Bus) async throws -> (id: String, path: String)? {
        let answer = try await bus.call(
            service, path + "/seat/seat0", properties, "Get",
            [.string(service + ".Seat"), .string("ActiveSession")])
        guard let parts = answer.first?.elements, parts.count == 2, let id = parts[0].text, !id.isEmpty,
            let path = parts[1].text
        else { return nil }
        return (id, path)
    }

    @Sendable private static func sessions(_ bus: Bus) async throws -> [Session] {
        let answer = try await bus.call(service, path, service + ".Manager", "ListSessions")
        return answer.first?.elements?.compactMap { entry in
            // The id, the user's number and name, the seat, the object.
            guard let parts = entry.elements, parts.count >= 4, let id = parts[0].text,
                let user = parts[1].integer.flatMap({ uid_t(exactly: $0) })
            else { return nil }
            return Session(id: id, user: user, seat: parts[3].text ?? "")
        } ?? []
    }
}
