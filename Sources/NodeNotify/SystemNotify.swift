import DBus
import LinuxIO
import NodeCore

/// `system.notify` (node-commands §9.1): by the first of three ways that leads to somebody.
struct SystemNotify: Command {
    static let name: CommandName = "system.notify"
    static let summary =
        "Tells whoever is at the machine: on the desktop, else on the terminals where somebody is logged in, else in the log. "
        + "Takes `title`, `body`, `priority` (`passive`, `active`, `timeSensitive`), `sound` (`none` for silence)."

    struct Params: Decodable, Sendable {
        /// Nil when there are no words.
        let notice: Notice?

        private enum Key: String, CodingKey {
            case title, body, priority, sound
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            let word = try members.decodeIfPresent(String.self, forKey: .priority)
            guard let priority = word.map(Notice.Priority.init(rawValue:)) ?? .active else {
                throw DecodingError.dataCorruptedError(
                    forKey: .priority, in: members, debugDescription: "must be passive, active or timeSensitive")
            }
            notice = Notice(
                title: try members.decodeIfPresent(String.self, forKey: .title) ?? "",
                body: try members.decodeIfPresent(String.self, forKey: .body) ?? "", priority: priority,
                isSilent: try Self.isSilent(members))
        }

        /// A name of a sound, or on Windows a boolean.
        private static func isSilent(_ members: KeyedDecodingContainer<Key>) throws -> Bool {
            do { return try members.decodeIfPresent(Bool.self, forKey: .sound) == false } catch {
                let word = try members.decode(String.self, forKey: .sound)
                return ["none", "silent", "off", "false", "0"].contains(word.lowercased())
            }
        }
    }

    struct Output: Encodable, Sendable {
        enum Way: String, Encodable {
            case dbus, wall, journal, log
        }

        var ok = true
        let delivered: Way
    }

    let desktop: DesktopNotices
    /// Shows it on terminals, and gives on how many. Blocks. Nil where there is no way but the desktop.
    let terminals: (@Sendable (Notice) -> Int)?

    func run(_ params: Params, in context: InvocationContext) async throws -> Output {
        guard let notice = params.notice else {
            throw Refusal(.invalidRequest, "empty notification: give a title or a body")
        }
        do {
            try await desktop.show(notice)
            return Output(delivered: .dbus)
        } catch let error as BusError {
            context.log.debug("No notification on a desktop", ["cause": "\(error)"])
        }
        guard let terminals else { throw Refusal("NOTIFICATIONS_UNAVAILABLE", "this session's desktop shows none") }
        let count = await context.timekeeper.within(.seconds(2)) {
            await onAbandonableThread("terminals") { terminals(notice) } ?? 0
        }
        try Task.checkCancellation()
        if let count, count > 0 { return Output(delivered: .wall) }
        let fields: KeyValuePairs = ["title": notice.title, "body": notice.body, "priority": notice.priority.rawValue]
        guard context.log.deliver("Notification", fields, id: .notification) else {
            throw Refusal(
                "NOTIFICATIONS_UNAVAILABLE",
                "there is no desktop, nobody is logged in, and the log takes nothing; see the node's log format")
        }
        return Output(delivered: context.log.isJournal ? .journal : .log)
    }

    /// As `wall` shows messages.
    static func onTerminals(_ notice: Notice, root: String = "") -> Int {
        let clock = WallClock.text(.local).clock.prefix(5)
        let words = [notice.title, notice.body].filter { !$0.isEmpty }.joined(separator: "\n")
        let lines = ["Message from clawnode at \(clock)"] + words.split(separator: "\n").map { "  " + $0 }
        // After whatever stands there, and to the left edge also where a program has the terminal for itself.
        let text = "\r\n" + lines.joined(separator: "\r\n") + "\r\n" + (notice.isSilent ? "" : "\u{7}")
        return LoginTerminals.write(text, root: root)
    }
}
