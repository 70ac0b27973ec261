import Manual
import NodeCore
import NodeRuntime

/// `clawnode manual`: the pages of the manual, for the package that ships them and for who has no package.
enum ShowManual: Subcommand {
    static let name = "manual"
    static let summary = "print a page of the manual, to be shown by: man -l -"
    static let synopsis = "clawnode.1|clawnode.json.5"
    static let example = "clawnode manual clawnode.json.5 | man -l -"
    static let isHidden = true
    static let positionals = 1...1

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let pages = [CommandPage.page, try ConfigurationPage.page()]
        guard let page = pages.first(where: { $0.fileName == arguments.positionals[0] }) else {
            throw Failure(.usage, "there is no page \(arguments.positionals[0]), but \(synopsis)")
        }
        Output.answer(page.roff(version: nodeVersion))
        return .success
    }
}
