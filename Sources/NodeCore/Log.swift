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

    /// `journal` is text behind the priority prefix that systemd takes from a service's stderr (sd-daemon(3)).
    package enum Format: String, Codable, CaseIterable, Sendable {
        case text, json, journal
    }

    /// How many lines nobody has read.
    private static let lost = Atomic(0)

    private let level: Level?
    private let format: Format
    private let context: [(String, String)]

    package init(level: Level, format: Format) {
        self.init(level, format, [])
    }

    /// Says nothing.
    package static let silent = Log(nil, .text, [])

    private init(_ level: Level?, _ format: Format, _ context: [(String, String)]) {
        self.level = level
        self.format = format
        self.context = context
    }

    /// The same log with fields that every line gets.
    package func with(_ fields: KeyValuePairs<String, String>) -> Log {
        Log(level, format, context + fields.map { ($0.key, $0.value) })
    }

    package func error(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.error, message, fields)
    }

    package func warning(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.warning, message, fields)
    }

    package func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.info, message, fields)
    }

    /// `message` and `fields` are made only when somebody wants them: this is called for every frame.
    package func debug(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        guard let level, level >= .debug else { return }
        write(.debug, message(), fields())
    }

    private func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>) {
        guard let limit = self.level, level <= limit else { return }
        let all = context + fields.map { ($0.key, $0.value) }
        var line =
            switch format {
            case .text: Self.time() + " " + level.rawValue + " " + Self.text(message, all)
            case .journal: "<\(level.priority)>" + Self.text(message, all)
            case .json: Self.json(level, message, all)
            }
        line += "\n"
        // Whoever reads them may stand still, and a daemon does not stand still with him.
        guard line.withUTF8(StandardError.write) else {
            Self.lost.add(1, ordering: .relaxed)
            return
        }
        let lost = Self.lost.exchange(0, ordering: .relaxed)
        if lost > 0 { warning("Log lines were lost, for nobody read them", ["count": "\(lost)"]) }
    }

    private static func text(_ message: String, _ fields: [(String, String)]) -> String {
        fields.reduce(message.inOneLine) { line, field in
            let isPlain = !field.1.isEmpty && field.1.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
            return line + " " + field.0 + "="
                + (isPlain ? field.1 : String(decoding: JSON.quoted(field.1), as: UTF8.self))
        }
    }

    private static func json(_ level: Level, _ message: String, _ fields: [(String, String)]) -> String {
        let pairs = [("time", time()), ("level", level.rawValue), ("message", message)] + fields
        let members = pairs.map { pair in
            String(decoding: JSON.quoted(pair.0) + [UInt8(ascii: ":")] + JSON.quoted(pair.1), as: UTF8.self)
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// UTC with milliseconds, RFC 3339.
    private static func time() -> String {
        let (date, clock) = WallClock.text(.universal)
        return date + "T" + clock + "Z"
    }
}

extension String {
    /// With blanks for line breaks and other control characters: what others sent must not make lines of its own, nor move
    /// the cursor of whoever reads it.
    package var inOneLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? " " : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
