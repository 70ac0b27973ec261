import NodeCore
import NodeDoctor
import NodeRuntime

/// `clawnode doctor`: what is wrong here, and what mends it.
enum Doctor: Subcommand {
    static let name = "doctor"
    static let summary = "tell everything that is or may go wrong here, worst first, with the line that mends it"
    static let synopsis = "[--json]"
    static let example = "sudo clawnode doctor"
    static let options = [Option.json]

    private struct Answer: Encodable {
        var version = nodeVersion
        /// Of all findings.
        var worst: Finding.Verdict
        var findings: [Finding]
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let patient = try await Patient.found(
            file: arguments.text("--config"), options: try arguments.configuration(),
            surroundings: program.surroundings, on: program.loop)
        let findings = await NodeDoctor.Doctor().examine(patient)
        let worst = findings.first?.verdict ?? .ok
        if arguments.has(Option.json.name) {
            try Output.answer(json: Answer(worst: worst, findings: findings))
        } else {
            Output.answer(text(findings))
        }
        return worst > .note ? .refused : .success
    }

    private static func text(_ findings: [Finding]) -> String {
        let width = findings.map { $0.check.count }.max() ?? 0
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        var lines: [String] = []
        for finding in findings where finding.verdict != .skipped {
            lines.append("\(padded(finding.verdict.rawValue, 7))  \(padded(finding.check, width))  \(finding.summary)")
            if let remedy = finding.remedy { lines.append("  " + Instruction.text(remedy)) }
        }
        // Usually for few reasons.
        var skipped: [(reason: String, checks: [String])] = []
        for finding in findings where finding.verdict == .skipped {
            if let index = skipped.firstIndex(where: { $0.reason == finding.summary }) {
                skipped[index].checks.append(finding.check)
            } else {
                skipped.append((finding.summary, [finding.check]))
            }
        }
        lines += skipped.map { "skipped  \($0.checks.joined(separator: " ")): \($0.reason)" }
        let counts = Finding.Verdict.allCases.reversed().compactMap { verdict in
            let count = findings.count { $0.verdict == verdict }
            let isCountable = verdict > .skipped && count != 1
            return count == 0 ? nil : "\(count) \(verdict.rawValue)\(isCountable ? "s" : "")"
        }
        return (lines + [counts.joined(separator: ", ")]).joined(separator: "\n")
    }
}
