/// The machine's memory in bytes (proc(5), /proc/meminfo).
struct MemoryState: Equatable, Sendable {
    enum Pressure: String, Encodable {
        case normal, moderate, high, critical
    }

    var total: Int
    /// What programs could still have, caches given up.
    var available: Int

    /// Nil when it is not told.
    init?(_ files: MachineFiles) {
        var values: [Substring: Int] = [:]
        for line in files.lines("/proc/meminfo") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, words[2] == "kB", let amount = Int(words[1]), (0..<1 << 43).contains(amount) else {
                continue
            }
            values[words[0].dropLast()] = amount << 10
        }
        guard let total = values["MemTotal"], total > 0, let free = values["MemAvailable"] ?? values["MemFree"] else {
            return nil
        }
        self.total = total
        available = min(free, total)
    }

    /// Of the whole, where it becomes tight.
    var threshold: Int { total / 20 }

    /// In the shares that Android's nodes have (node-commands §15.4).
    var pressure: Pressure {
        switch Double(available) / Double(total) {
        case ...0.05: .critical
        case ...0.15: .high
        case ...0.30: .moderate
        default: .normal
        }
    }
}
