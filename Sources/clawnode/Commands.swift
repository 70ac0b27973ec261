import NodeCore
import NodeRuntime

/// `clawnode commands`: everything this program can be asked for.
enum Commands: Subcommand {
    static let name = "commands"
    static let summary = "list every command, whether it is on, and what switches it on"
    static let synopsis = "[--json]"
    static let example = "clawnode commands"
    static let options = [Option.json, Option.enable]

    private struct Entry: Encodable {
        var command: String
        var capability: String
        var on: Bool
        /// What switches it on; nil when it is.
        var remedy: String?
    }

    private struct Answer: Encodable {
        var commands: [Entry]
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        let pauses = PauseMarks(directory: configuration.stateDirectory)
        let entries = Family.all.flatMap { family in
            let isPaused = family.isPausable && pauses.isPaused(family.name)
            return family.commands.map { command in
                let isFamilyOn = configuration.enabled.contains(family.name)
                let isListed = configuration.commands?.contains(command.text) ?? true
                let remedy: String? =
                    if !isFamilyOn {
                        family.remedy(configuration)
                    } else if !isListed {
                        "add it to \"commands\" in \(configuration.file)"
                    } else if isPaused {
                        Condition.paused(family.name, configuration.owner).remedy
                    } else { nil }
                return Entry(command: command.text, capability: family.name, on: remedy == nil, remedy: remedy)
            }
        }
        if arguments.has(Option.json.name) {
            try Output.answer(json: Answer(commands: entries))
        } else {
            let width = entries.map { $0.command.count }.max() ?? 0
            for entry in entries {
                let space = String(repeating: " ", count: width - entry.command.count + 2)
                Output.answer(
                    entry.command + space + (entry.on ? "on" : "off") + (entry.remedy.map { "  \($0)" } ?? ""))
            }
        }
        return .success
    }
}
