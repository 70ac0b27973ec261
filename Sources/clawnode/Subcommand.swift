import LinuxIO
import NodeRuntime

/// One of the things `clawnode` does.
protocol Subcommand: Sendable {
    static var name: String { get }
    static var summary: String { get }
    /// What follows the name, for the help.
    static var synopsis: String { get }
    static var example: String { get }
    /// Beside the common ones.
    static var options: [Option] { get }
    static var positionals: ClosedRange<Int> { get }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode
}

extension Subcommand {
    static var options: [Option] { [] }
    static var positionals: ClosedRange<Int> { 0...0 }

    static var help: String {
        var lines = ["usage: clawnode \(name) \(synopsis)", "", summary, "", "options:"]
        let all = options + Option.common
        let width = all.map { $0.name.count + $0.valueName.count + 1 }.max() ?? 0
        for option in all {
            let left = option.valueName.isEmpty ? option.name : "\(option.name) \(option.valueName)"
            lines.append("  " + left + String(repeating: " ", count: width - left.count + 2) + option.help)
        }
        return (lines + ["", "example: \(example)"]).joined(separator: "\n")
    }
}

/// What every subcommand is given.
struct Program: Sendable {
    let loop: EventLoop
    let surroundings: Surroundings

    func sources(_ arguments: Arguments) throws -> ConfigurationSources {
        try ConfigurationSources(
            file: arguments.text("--config"), options: try arguments.configuration(), surroundings: surroundings)
    }

    func configuration(_ arguments: Arguments, needsSecrets: Bool = false) throws -> Configuration {
        try Configuration(try sources(arguments), surroundings, needsSecrets: needsSecrets)
    }
}
