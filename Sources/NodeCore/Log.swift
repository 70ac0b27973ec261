import LinuxIO
import Synchronization

/// Lines on stderr: what happened, once, with fields. Never params, replies, tokens or keys.
package struct Log: Sendable {
    package enum Level: String, Comparable, Codable, CaseIterable, Sendable {
        case error, warning, info, debug

        /// syslog(3)'s number.
        var priority: Int {
            switch self {
            case .error: 3
            case .warning: 4
            case .info: 6
            case .debug: 7
            }
        }

        package static func < (left: Level, right: Level) -> Bool {
            left.priority < right.priority
        }
    }

    /// `journal` is systemd's, with every field apart; where there is none, text on stderr behind the priority prefix that
    /// systemd takes from a service (sd-daemon(3)).
    package enum Format: String, Codable, CaseIterable, Sendable {
        case text, json, journal

        /// Where nobody said which: the journal for whom it reads anyway. `stream` is the variable `JOURNAL_STREAM`.
        package static func usual(stream: String?) -> Format {
            StandardError.isJournal(stream) ? .journal : .text
        }
    }

    /// How many lines nobody has read.
    private static let lost = Atomic(0)

    private let level: Level?
    private let format: Format
    private let journal: JournalSocket?
    private let context: [(name: String, value: String)]

    /// `path` is where the journal listens, if it is written to.
    package init(level: Level, format: Format, journal path: String = JournalSocket.usualPath) {
        // Without descriptors to spare there is still stderr.
        self.init(level, format, format == .journal ? try? JournalSocket(path) : nil, [])
    }

    /// Says nothing.
    package static let silent = Log(nil, .text, nil, [])

    private init(
        _ level: Level?, _ format: Format, _ journal: JournalSocket?, _ context: [(name: String, value: String)]
    ) {
        self.level = level
        self.format = format
        self.journal = journal
        self.context = context
    }

    /// The same log with fields that every line gets.
    package func with(_ fields: KeyValuePairs<String, String>) -> Log {
        Log(level, format, journal, context + fields.map { ($0.key, $0.value) })
    }

    package func error(_ message: String, _ fields: KeyValuePairs<String, String> = [:], id: MessageID? = nil) {
        write(.error, message, fields, id)
    }

    package func warning(_ message: String, _ fields: KeyValuePairs<String, String> = [:], id: MessageID? = nil) {
        write(.warning, message, fields, id)
    }

    package func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:], id: MessageID? = nil) {
        write(.info, message, fields, id)
    }

    /// `message` and `fields` are made only when somebody wants them: this is called for every frame.
    package func debug(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        guard let level, level >= .debug else { return }
        write(.debug, message(), fields(), nil)
    }

    /// For somebody else's words that are to be read here, whatever the level. False when they cannot be.
    package func deliver(_ message: String, _ fields: KeyValuePairs<String, String>, id: MessageID) -> Bool {
        guard level != nil else { return false }
        return isWritten(
            LogLine(level: .warning, message: message, id: id, fields: context + fields.map { ($0.key, $0.value) }))
    }

    /// Whether they go to systemd's journal.
    package var isJournal: Bool { journal != nil }

    private func write(
        _ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>, _ id: MessageID?
    ) {
        guard let limit = self.level, level <= limit else { return }
        let line = LogLine(
            level: level, message: message, id: id, fields: context + fields.map { ($0.key, $0.value) })
        // Whoever reads them may stand still, and a daemon does not stand still with him.
        guard isWritten(line) else {
            Self.lost.add(1, ordering: .relaxed)
            return
        }
        let lost = Self.lost.exchange(0, ordering: .relaxed)
        if lost > 0 { warning("Log lines were lost, for nobody read them", ["count": "\(lost)"]) }
    }

    private func isWritten(_ line: LogLine) -> Bool {
        switch journal?.send(line.journalEntry(of: OwnProgram.name)) {
        case .taken?: return true
        case .stuck?: return false
        case .absent?, nil: break
        }
        var text =
            switch format {
            case .text: Self.time() + " " + line.level.rawValue + " " + line.text
            case .journal: "<\(line.level.priority)>" + line.text
            case .json: line.json(at: Self.time())
            }
        text += "\n"
        return text.withUTF8(StandardError.write)
    }

    /// UTC with milliseconds, RFC 3339.
    private static func time() -> String {
        let (date, clock) = WallClock.text(.universal)
        return date + "T" + clock + "Z"
    }
}
