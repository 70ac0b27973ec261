import Glibc
import LinuxIO
import NodeCore

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
        owner.systemctl(verb, unit)
    }

    /// Whose node it starts.
    var owner: NodeOwner { isUsers ? .user : .machine }

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

    /// What `Environment=` tells: assignments with blanks between, and those that a shell would misread in quotes.
    static func variables(_ text: String) -> [String: String] {
        var (words, word): ([String], String?) = ([], nil)
        var (quote, isEscaped): (Character?, Bool) = (nil, false)
        for sign in text {
            switch sign {
            case _ where isEscaped:
                word = (word ?? "") + String(sign)
                isEscaped = false
            case "\\": isEscaped = true
            case quote: quote = nil
            case "\"", "'":
                if quote == nil { quote = sign } else { word = (word ?? "") + String(sign) }
            // What is not to be shown as it is stands in $'…'.
            case "$" where word == nil && quote == nil: break
            case " " where quote == nil:
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(sign)
            }
        }
        if let word { words.append(word) }
        var variables: [String: String] = [:]
        for word in words {
            guard let equals = word.firstIndex(of: "=") else { continue }
            variables[String(word[..<equals])] = String(word[word.index(after: equals)...])
        }
        return variables
    }

    /// An assignment a line, as `EnvironmentFile=` takes them (systemd.exec(5)).
    static func variables(inFile text: String) -> [String: String] {
        var variables: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard line.first != "#", line.first != ";", let equals = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: equals)...].drop { $0 == " " }
            while value.last?.isWhitespace == true { value.removeLast() }
            if value.count > 1, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
                value = value.dropFirst().dropLast()
            }
            variables[String(line[..<equals])] = String(value)
        }
        return variables
    }

    static func properties(_ text: String) -> [String: String] {
        var properties: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let (name, value) = (String(line[..<equals]), String(line[line.index(after: equals)...]))
            // Of a property that has several values each has a line.
            properties[name] = properties[name].map { $0 + "\n" + value } ?? value
        }
        return properties
    }
}
