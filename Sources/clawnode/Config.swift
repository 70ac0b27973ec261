import NodeRuntime

/// `clawnode config check`: whether the configuration is understood, and where each value comes from.
enum Config: Subcommand {
    static let name = "config"
    static let summary = "check the configuration and show where each value comes from"
    static let synopsis = "check [FILE]"
    static let example = "clawnode config check /etc/clawnode/clawnode.json"
    static let positionals = 1...2

    static func candidates(
        after positionals: [String], for current: String, _ program: Program
    ) async -> Candidates {
        positionals.isEmpty ? .texts([Candidate("check", summary)]) : .files
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        guard arguments.positionals[0] == "check" else {
            throw Failure(.usage, "unknown word \(arguments.positionals[0]); did you mean check?")
        }
        let named = arguments.positionals.dropFirst().first ?? arguments.text("--config")
        let sources = try ConfigurationSources(
            file: named, options: try arguments.configuration(), surroundings: program.surroundings)
        let configuration = try Configuration(sources, program.surroundings)
        try Configuration.checkFiles(namedIn: sources)
        for line in try ConfigurationReport(sources, configuration, program.surroundings).lines {
            Output.answer("\(line.key) = \(line.value)  (\(line.origin))")
        }
        Output.talk("The configuration is understood.")
        return .success
    }
}
