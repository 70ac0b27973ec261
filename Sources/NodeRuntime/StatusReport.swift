import Gateway
import LinuxIO
import NodeCore

/// A daemon's status in words: what is wrong first, then how it stands, then what was asked.
package struct StatusReport: Sendable {
    /// Where it is read.
    package struct Paper: Sendable {
        /// Longer lines are broken between words, save those that are there to be copied; nil for no limit.
        package var width: Int?
        package var isColoured: Bool

        package init(width: Int? = nil, isColoured: Bool = false) {
            self.width = width
            self.isColoured = isColoured
        }
    }

    private let status: NodeStatus
    private let now: Int
    private let processAge: Duration?
    private let paper: Paper

    /// Of any status, however odd its times are. `now` is the wall clock's; `processAge` is given where it is known better than by that.
    package init(_ status: NodeStatus, now: Int, processAge: Duration? = nil, on paper: Paper = Paper()) {
        self.status = status
        self.now = now
        self.processAge = processAge
        self.paper = paper
    }

    package var lines: [String] {
        let head = tinted(status.state.rawValue, colour) + "  clawnode \(status.version.inOneLine)"
        // A long sum is too much for the older compiler.
        let parts: [[String]] = [
            [head], conditions, gateway, process, approvals, offers, workers, sessions, invocations, usage,
        ]
        return parts.flatMap { $0 }
    }

    // MARK: Parts

    private var colour: Int {
        switch status.state {
        case .connected: Self.green
        case .starting, .connecting, .approval, .stopping: Self.yellow
        case .waiting, .notJoined: status.conditions.contains { $0.severity == .error } ? Self.red : Self.yellow
        }
    }

    private var conditions: [String] {
        status.conditions.sorted { $0.severity > $1.severity }.flatMap { condition in
            let colour =
                switch condition.severity {
                case .error: Self.red
                case .warning: Self.yellow
                case .note: 0
                }
            let summary = labelled(condition.severity.rawValue, condition.summary, colour)
            return summary + (condition.remedy.map { [Self.margin + Instruction.text($0)] } ?? [])
        }
    }

    private var gateway: [String] {
        guard let gateway = status.gateway else { return [] }
        let kind = gateway.dialect == Dialect.goclaw.rawValue ? "GoClaw" : ""
        let release = gateway.serverVersion.map { "\($0), protocol \(gateway.protocolVersion ?? 0)" } ?? ""
        let words = [kind, release].filter { !$0.isEmpty }.joined(separator: " ")
        let server = words.isEmpty ? "" : " (\(words))"
        var lines = labelled("gateway", gateway.url + server)
        if let via = gateway.via { lines += labelled("", "at \(via)") }
        var life: [String] = []
        if let since = status.connectedAtMs {
            life.append("connected for \(Self.span(now &- since)), since \(time(since))")
        }
        if let retry = status.retryAtMs {
            life.append(retry > now ? "next attempt in \(Self.span(retry &- now &+ 999))" : "trying again")
        }
        if let reconnects = status.reconnects, reconnects > 0 {
            life.append(reconnects == 1 ? "1 reconnect" : "\(reconnects) reconnects")
        }
        if !life.isEmpty { lines += labelled("", life.joined(separator: "; ")) }
        return lines
    }

    private var process: [String] {
        let age = processAge.map { Int($0 / .milliseconds(1)) } ?? now &- status.startedAtMs
        var lines = labelled("process", "\(status.pid), runs for \(Self.span(age))")
        if let id = status.deviceId { lines += labelled("device", id) }
        return lines
    }

    private var approvals: [String] {
        guard status.gateway != nil, let approvals = status.approvals else { return [] }
        let device =
            switch approvals.device {
            case .unknown: "nothing known yet"
            case .waiting: "device waits for its approval"
            case .approved: "device approved"
            case .rejected: "device rejected"
            }
        let surface =
            switch approvals.surface {
            // Until the device is, nothing else is asked.
            case .unknown where approvals.device != .approved: ""
            case .unknown: ", commands perhaps not yet: the gateway has asked for none"
            case .approved: ", commands approved"
            }
        return labelled("approvals", device + surface)
    }

    private var offers: [String] {
        let declared = status.declared
        guard !declared.commands.isEmpty else { return [] }
        var lines = labelled("offers", declared.commands.joined(separator: " "))
        if let asked = declared.asked, status.approvals?.surface == .approved {
            let rest = declared.commands.filter { !asked.contains($0) }
            if !rest.isEmpty {
                lines += labelled("", "not asked for since the start: " + rest.joined(separator: " "))
            }
        }
        let lacking = AllowList(release: status.gateway?.serverVersion).lacking(declared.commands)
            .filter { declared.asked?.contains($0) != true }
        if status.hasAllowList, !lacking.isEmpty {
            lines += labelled("", "only where the gateway's configuration allows it: " + lacking.joined(separator: " "))
        }
        return lines
    }

    private var workers: [String] {
        status.workers.flatMap { worker in
            var words = [worker.pid.map { "process \($0)" } ?? "not needed now"]
            if worker.running > 0 { words.append("\(worker.running) running") }
            if worker.crashes > 0 { words.append("ended unexpectedly, \(Self.times(worker.crashes))") }
            return labelled("worker", worker.name + ": " + words.joined(separator: ", "))
        }
    }

    private var sessions: [String] {
        guard let sessions = status.sessions else { return [] }
        if sessions.isEmpty {
            return labelled("session", "none: nobody of those allowed is logged in with a clawnode-session running")
        }
        return sessions.flatMap { member in
            let session = member.session.map { "session \($0), " } ?? ""
            return labelled("session", "\(member.user) (\(member.uid)): \(session)since \(time(member.sinceMs))")
        }
    }

    private var invocations: [String] {
        let invocations = status.invocations
        let outcomes = (invocations.outcomes ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value) \($0.key)" }
        let detail =
            status.invocations.outcomes == nil
            ? "\(invocations.refused) refused" : outcomes.joined(separator: ", ")
        return labelled("invocations", "\(invocations.total)" + (detail.isEmpty ? "" : ": " + detail))
            + table(invocations.recent)
    }

    /// What had to be switched on is told of on its own, as far as it is not among the last ten anyway.
    private var usage: [String] {
        status.usage.flatMap { usage in
            let last = usage.recent.first.map { ", last \(Self.age(now &- $0.atMs))" } ?? ""
            let older = usage.recent.filter { !status.invocations.recent.contains($0) }
            return labelled(usage.capability, "used \(Self.times(usage.count)), \(Self.size(usage.bytes)) sent" + last)
                + table(older)
        }
    }

    private func table(_ invocations: [NodeStatus.Invocation]) -> [String] {
        let rows = invocations.map { invocation in
            [
                Self.age(now &- invocation.atMs), Self.short(invocation.command), Self.short(invocation.outcome),
                Self.duration(invocation.durationMs), invocation.bytes.map(Self.size) ?? "undelivered",
            ]
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 1 || column == 2 ? cell.0 + space : space + cell.0
            }
            return "  " + cells.joined(separator: "  ")
        }
    }

    // MARK: Lines

    private static let green = 32
    private static let yellow = 33
    private static let red = 31

    private static let indent = 13
    private static let margin = String(repeating: " ", count: indent)

    /// `text` behind its name, in as many lines as it takes. Names and words in it may be the gateway's or a worker's.
    private func labelled(_ label: String, _ text: String, _ colour: Int = 0) -> [String] {
        let space = String(repeating: " ", count: max(1, Self.indent - label.count))
        var lines = broken(text.inOneLine)
        lines[0] = tinted(label.inOneLine, colour) + space + lines[0]
        return [lines[0]] + lines.dropFirst().map { Self.margin + $0 }
    }

    private func broken(_ text: String) -> [String] {
        guard let width = paper.width.map({ $0 - Self.indent }), text.count > width else { return [text] }
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= width {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func tinted(_ text: String, _ colour: Int) -> String {
        paper.isColoured && colour != 0 ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
    }

    // MARK: Words

    private func time(_ milliseconds: Int) -> String {
        let (date, clock) = WallClock.text(.local, at: milliseconds)
        return date + " " + clock.prefix(8)
    }

    /// The two largest units of a time.
    static func span(_ milliseconds: Int) -> String {
        let seconds = max(0, milliseconds) / 1000
        let parts = [
            (seconds / 86_400, seconds / 86_400 == 1 ? "day" : "days"), (seconds / 3600 % 24, "h"),
            (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let first = parts.firstIndex { $0.0 > 0 } ?? 3
        return parts[first...].prefix(2).filter { $0.0 > 0 || first == 3 }.map { "\($0.0) \($0.1)" }
            .joined(separator: " ")
    }

    /// How long ago it was, in its largest unit.
    static func age(_ milliseconds: Int) -> String {
        if milliseconds < 1000 { return "just now" }
        return span(milliseconds).split(separator: " ").prefix(2).joined(separator: " ") + " ago"
    }

    static func duration(_ milliseconds: Double) -> String {
        switch milliseconds {
        case ..<10: "\((milliseconds * 10).rounded() / 10) ms"
        case ..<10_000: "\(Int(milliseconds.rounded())) ms"
        default: "\((milliseconds / 100).rounded() / 10) s"
        }
    }

    static func size(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1000 || unit == "GiB" {
                return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)"
            }
            value /= 1024
        }
        return "\(bytes) B"
    }

    private static func times(_ count: Int) -> String {
        count == 1 ? "once" : "\(count) times"
    }

    /// Five columns of these are no wider than 80 characters.
    private static func short(_ name: String) -> String {
        let name = name.inOneLine
        return name.count > 20 ? name.prefix(19) + "…" : name
    }
}
