import NodeCore

/// `clawnode version`.
enum Version: Subcommand {
    static let name = "version"
    static let summary = "show the version"
    static let synopsis = "[--json]"
    static let example = "clawnode version"
    static let options = [Option.json]

    private struct Answer: Encodable {
        var name = "clawnode"
        var version = nodeVersion
        /// What is offered to gateways.
        var protocols = [3, 4]
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        if arguments.has(Option.json.name) {
            try Output.answer(json: Answer())
        } else {
            Output.answer("clawnode \(nodeVersion)")
        }
        return .success
    }
}
