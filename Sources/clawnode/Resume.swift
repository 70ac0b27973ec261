/// `clawnode resume`: what undoes `clawnode pause`.
enum Resume: Subcommand {
    static let name = "resume"
    static let summary = "serve a paused capability again"
    static let synopsis = "CAPABILITY"
    static let example = "clawnode resume camera"
    static let positionals = 1...1

    static func candidates(
        after positionals: [String], for current: String, _ program: Program
    ) async -> Candidates {
        await Pause.candidates(after: positionals, for: current, program)
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        try await Pause.set(isPaused: false, arguments, program)
    }
}
