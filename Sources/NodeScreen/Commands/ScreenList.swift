import NodeCore

/// `screen.list`: what `screenIndex` may be, and what it means.
struct ScreenList: Command {
    static let name: CommandName = "screen.list"
    static let summary = "The screens: their indices, names and sizes, and which is the main one."

    struct Output: Encodable, Sendable {
        let screens: [ListedScreen]
    }

    let screens: ScreenSet

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        Output(screens: try await screens.shown().listed)
    }
}
