import LinuxIO
import Manual
import NodeRuntime

/// One of the things `clawnode` does.
protocol Subcommand: Sendable {
    static var name: String { get }
    static var summary: String { get }
    /// What follows the name, for the help.
    static var synopsis: String { get }
    static var example: String { get }
    /// Paragraphs on what the summary has no room for.
    static var details: [String] { get }
    /// True for what only other programs type.
    static var isHidden: Bool { get }
    /// Beside the common ones.
    static var options: [Option] { get }
    static var positionals: ClosedRange<Int> { get }

    /// What may stand where `current` begins, behind other arguments that are no options.
    static func candidates(
        after positionals: [String], for current: String, _ program: Program
    ) async -> Candidates

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode
}

extension Subcommand {
    static var details: [String] { [] }
    static var isHidden: Bool { false }
    static var options: [Option] { [] }
    static var positionals: ClosedRange<Int> { 0...0 }

    static func candidates(
        after positionals: [String], for current: String, _ program: Program
    ) async -> Candidates { .texts([]) }

    static var help: String {
        let paragraphs = ([summary] + details).flatMap { HelpText.filled($0) + [""] }
        let list = HelpText.terms((options + Option.common).map { ($0.term, $0.help) })
        return
            (["usage: clawnode \(name) \(synopsis)", ""] + paragraphs + ["options:"] + list
            + ["", "example: \(example)"]).joined(separator: "\n")
    }
}

/// What every subcommand is given.
struct Program: Sendable {
    let loop: EventLoop
    var surroundings: Surroundings

    func sources(_ arguments: Arguments) throws -> ConfigurationSources {
        try ConfigurationSources(
            file: arguments.text("--config"), options: try arguments.configuration(), surroundings: surroundings)
    }

    func configuration(_ arguments: Arguments, needsSecrets: Bool = false) throws -> Configuration {
        try Configuration(try sources(arguments), surroundings, needsSecrets: needsSecrets)
    }
}
