import LinuxIO

/// What happened, and how it is written down.
struct LogLine {
    let level: Log.Level
    let message: String
    let id: MessageID?
    let fields: [(name: String, value: String)]

    /// The message with its fields behind it, for people.
    var text: String {
        let line = fields.reduce(message) { line, field in
            let isPlain = !field.value.isEmpty && field.value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
            return line + " " + field.name + "="
                + (isPlain ? field.value : String(decoding: JSON.quoted(field.value), as: UTF8.self))
        }
        // Values too: a terminal takes orders beyond ASCII, which no quoting changes.
        return line.inOneLine
    }

    /// `time` comes before everything else.
    func json(at time: String) -> String {
        let head = [("time", time), ("level", level.rawValue), ("message", message)]
        let members = (head + (id.map { [("messageId", $0.rawValue)] } ?? []) + fields).map { name, value in
            String(decoding: JSON.quoted(name) + [UInt8(ascii: ":")] + JSON.quoted(value), as: UTF8.self)
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// As the journal takes it. `MESSAGE` repeats the fields: it is all that journalctl shows unless asked for more.
    func journalEntry(of program: String) -> [UInt8] {
        var entry: [UInt8] = []
        func add(_ name: String, _ value: String) {
            let value = Array(value.utf8)
            entry += Array(name.utf8)
            if value.contains(0x0A) {
                entry.append(0x0A)
                entry += (0..<8).map { UInt8(truncatingIfNeeded: value.count >> ($0 * 8)) }
            } else {
                entry.append(UInt8(ascii: "="))
            }
            entry += value + [0x0A]
        }
        add("MESSAGE", text)
        add("PRIORITY", "\(level.priority)")
        add("SYSLOG_IDENTIFIER", program)
        if let id { add("MESSAGE_ID", id.rawValue) }
        for field in fields { add(Self.journalName(field.name), field.value) }
        return entry
    }

    /// Capital letters, digits and underscores, of which it takes 64.
    private static func journalName(_ name: String) -> String {
        let letters = name.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return "CLAWNODE_" + String(decoding: letters.prefix(55), as: UTF8.self)
    }
}
