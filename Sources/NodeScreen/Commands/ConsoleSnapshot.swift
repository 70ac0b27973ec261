import NodeCore

/// `console.snapshot`: what a machine without graphics shows, as text (node-commands §22).
struct ConsoleSnapshot: Command {
    static let name: CommandName = "console.snapshot"
    static let summary = "The text of one of the kernel's consoles. Takes `console`, 2 for tty2 (the one in front)."

    struct Params: Decodable, Sendable {
        let console: Int?

        private enum CodingKeys: CodingKey {
            case console
        }

        init(from decoder: any Decoder) throws {
            console = try decoder.container(keyedBy: CodingKeys.self).integerIfPresent(forKey: .console)
        }
    }

    let consoles: any TextConsoles

    func run(_ params: Params, in context: InvocationContext) async throws -> ConsoleText {
        try await consoles.text(of: params.console)
    }
}
