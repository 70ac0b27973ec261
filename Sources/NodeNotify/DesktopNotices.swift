import DBus
import LinuxIO

/// The notifications of a desktop's session (Desktop Notifications Specification 1.2), by the session's own message bus.
struct DesktopNotices: Sendable {
    /// Nil outside of a session, as in a service of the system's: a session's bus lets nobody in but its user.
    let address: BusAddress?
    let loop: EventLoop
    /// One who is slower does not show it in time.
    var limit = Duration.seconds(4)

    private static let service = "org.freedesktop.Notifications"
    private static let path = "/org/freedesktop/Notifications"

    /// Returns once it is shown, or will be. Throws `BusError`, or `CancellationError`.
    func show(_ notice: Notice) async throws {
        guard let address else { throw BusError.unusableAddress("there is no session here") }
        let outcome = await loop.within(limit) { [loop] () async -> Result<Void, any Error> in
            do {
                try await Bus.with(address, on: loop) { bus in
                    let abilities = try await bus.call(Self.service, Self.path, Self.service, "GetCapabilities")
                    let hasMarkup = abilities.first?.elements?.contains { $0.text == "body-markup" } == true
                    let arguments = Self.arguments(notice, hasMarkup: hasMarkup)
                    _ = try await bus.call(Self.service, Self.path, Self.service, "Notify", arguments)
                }
                return .success(())
            } catch { return .failure(error) }
        }
        guard let outcome else {
            try Task.checkCancellation()
            throw BusError.timedOut
        }
        try outcome.get()
    }

    static func arguments(_ notice: Notice, hasMarkup: Bool) -> [BusValue] {
        let urgency: UInt8 =
            switch notice.priority {
            case .passive: 0
            case .active: 1
            case .timeSensitive: 2
            }
        var hints = [
            hint("urgency", .byte(urgency)), hint("category", .string("im.received")),
        ]
        // The name is the sound theme's, for a message that has come.
        hints.append(
            notice.isSilent
                ? hint("suppress-sound", .boolean(true)) : hint("sound-name", .string("message-new-instant")))
        // A summary it must have.
        let summary = notice.title.isEmpty ? "clawnode" : notice.title
        return [
            .string("clawnode"), .uint32(0), .string(""), .string(summary),
            .string(hasMarkup ? escaped(notice.body) : notice.body), .array(of: "s", []),
            .array(of: "{sv}", hints), .int32(-1),
        ]
    }

    private static func hint(_ name: String, _ value: BusValue) -> BusValue {
        .entry(.string(name), .variant(value))
    }

    /// The asker's words are no markup.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.append(character)
            }
        }
    }
}
