import Glibc
import LinuxIO

/// The service manager, asked for what it knows of a unit (systemctl(1)).
struct Systemd: Sendable {
    private let program: String
    let isUsers: Bool
    private let loop: EventLoop

    /// Nil where another init runs. `isUsers`: the user's own manager, not the machine's.
    init?(_ patient: Patient, isUsers: Bool) {
        guard access(patient.root + "/run/systemd/system", F_OK) == 0 else { return nil }
        program = patient.root + "/usr/bin/systemctl"
        loop = patient.loop
        self.isUsers = isUsers
    }

    /// The command that does `verb` to `unit`.
    func line(_ verb: String, _ unit: String) -> String {
        isUsers ? "systemctl --user \(verb) \(unit)" : "sudo systemctl \(verb) \(unit)"
    }

    /// The command that shows what `units` have logged, with journalctl's own words for which and how much.
    static func journal(_ units: String, isUsers: Bool) -> String {
        "journalctl \(isUsers ? "--user " : "")-u \(units)"
    }

    /// Those of its properties by name; nil when it cannot be asked.
    func properties(_ names: [String], of unit: String) async -> [String: String]? {
        let words = (isUsers ? ["--user"] : []) + ["show", "--property=" + names.joined(separator: ","), unit]
        let answer: ProgramRun
        do throws(ProgramRun.Failure) {
            answer = try await ProgramRun.run(
                program, words, outputLimit: 256 * 1024, deadline: loop.now + .seconds(8), timekeeper: loop, on: loop)
        } catch { return nil }
        guard answer.status == .exited(0) else { return nil }
        return Self.properties(String(decoding: answer.output, as: UTF8.self))
    }

    static func properties(_ text: String) -> [String: String] {
        var properties: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            properties[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return properties
    }
}
