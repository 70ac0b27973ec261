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

    /// The system's bus, as the environment has it.
    let address: Result<BusAddress, BusError>
    /// With an answer.
    let patience: Duration
    let loop: EventLoop

    private static let service = "org.freedesktop.login1"
    private static let path = "/org/freedesktop/login1"

    /// The session of a user's that has a seat, else any.
    func session(of user: uid_t) async -> Session? {
        let sessions = await ask(Self.sessions)?.filter { $0.user == user } ?? []
        return sessions.first { !$0.seat.isEmpty } ?? sessions.first
    }

    /// Whose session is shown where the machine itself is used.
    func activeUser() async -> uid_t? {
        let found = await ask { bus -> uid_t? in
            let answer = try await bus.call(
                Self.service, Self.path + "/seat/seat0", "org.freedesktop.DBus.Properties", "Get",
                [.string(Self.service + ".Seat"), .string("ActiveSession")])
            guard let active = answer.first?.elements?.first?.text else { return nil }
            return try await Self.sessions(bus).first { $0.id == active }?.user
        }
        return found ?? nil
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

    /// Nil where it cannot be known.
    private func ask<R: Sendable>(_ question: @escaping @Sendable (Bus) async throws -> R) async -> R? {
        // An address that is not understood leads to nobody.
        guard let address = try? address.get() else { return nil }
        // A machine without a bus, or without logind, has nobody who knows.
        return await loop.within(patience) { try? await Bus.with(address, on: loop, question) } ?? nil
    }
}
