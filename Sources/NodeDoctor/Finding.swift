import NodeCore

/// What a check has found, in words for the person who can mend it.
package struct Finding: Encodable, Equatable, Sendable {
    package enum Verdict: String, Encodable, CaseIterable, Comparable, Sendable {
        case ok
        /// Not looked at; the summary says why.
        case skipped
        case note, warning, error

        package static func < (left: Verdict, right: Verdict) -> Bool {
            // Never nil: it is one of them.
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }

        init(_ severity: Condition.Severity) {
            self =
                switch severity {
                case .note: .note
                case .warning: .warning
                case .error: .error
                }
        }
    }

    /// Stable, for scripts: `gateway.tls`.
    package let check: String
    package let verdict: Verdict
    package let summary: String
    /// The line to run. Nothing worse than a note is without.
    package let remedy: String?

    private init(_ check: String, _ verdict: Verdict, _ summary: String, _ remedy: String?) {
        self.check = check
        self.verdict = verdict
        // Either may quote a gateway, a worker or a file.
        self.summary = summary.inOneLine
        self.remedy = remedy?.inOneLine
    }

    static func ok(_ check: String, _ summary: String) -> Finding { Finding(check, .ok, summary, nil) }

    static func skipped(_ check: String, _ reason: String) -> Finding { Finding(check, .skipped, reason, nil) }

    static func note(_ check: String, _ summary: String, remedy: String? = nil) -> Finding {
        Finding(check, .note, summary, remedy)
    }

    static func warning(_ check: String, _ summary: String, remedy: String) -> Finding {
        Finding(check, .warning, summary, remedy)
    }

    static func error(_ check: String, _ summary: String, remedy: String) -> Finding {
        Finding(check, .error, summary, remedy)
    }

    /// A condition is told in its own words. It may be worse for whoever asks than it is for a daemon that goes on trying.
    init(_ check: String, _ condition: Condition, as verdict: Verdict? = nil) {
        self.init(check, verdict ?? Verdict(condition.severity), condition.summary, condition.remedy)
    }

    /// Our errors and refusals say what is wrong, then, behind a semicolon, what mends it.
    init(_ check: String, _ verdict: Verdict, told words: String, otherwise remedy: String) {
        guard let border = words.firstRange(of: "; ") else {
            self.init(check, verdict, words, remedy)
            return
        }
        // Refusals speak to somebody who is elsewhere.
        let elsewhere = "on the node's machine: "
        let advice = words[border.upperBound...]
        self.init(
            check, verdict, String(words[..<border.lowerBound]),
            String(advice.hasPrefix(elsewhere) ? advice.dropFirst(elsewhere.count) : advice))
    }
}
