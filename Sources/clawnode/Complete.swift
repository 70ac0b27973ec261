import Manual
import NodeCore

/// `clawnode complete`: what the shells' completions ask when a key is pressed. A line for each way to go on, a tabulator and a
/// few words behind it; or only a tabulator and `file` or `directory`.
enum Complete: Subcommand {
    static let name = "complete"
    static let summary = "answer a shell's question what may follow"
    static let synopsis = "-- WORD…"
    static let example = "clawnode complete -- invoke camera."
    static let isHidden = true
    static let positionals = 1...Int.max

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let completion = Completion(arguments.positionals)
        switch await completion.candidates(Main.subcommands, program) {
        case .files: Output.answer("\tfile")
        case .directories: Output.answer("\tdirectory")
        case .texts(let texts):
            for candidate in texts {
                Output.answer(candidate.text.inOneLine + "\t" + HelpText.plain(candidate.help).inOneLine)
            }
        }
        return .success
    }
}
