import NodeMedia

/// The screens of this machine, by the first of the ways to them that leads anywhere. They are numbered by their connectors' names.
struct ScreenSet: Sendable {
    let drivers: [any ScreenDriver]

    /// Those of one session, in order; never none.
    struct Shown: Sendable {
        let session: any ScreenSession
        let outputs: [ScreenOutput]

        init(_ session: any ScreenSession) async throws(ScreenError) {
            self.session = session
            outputs = try await session.outputs().sorted(by: ScreenOutput.precedes)
            if outputs.isEmpty { throw .noScreen("the session") }
        }

        func output(_ index: Int) throws(ScreenError) -> ScreenOutput {
            guard outputs.indices.contains(index) else { throw .notFound(index, known: outputs.map(\.name)) }
            return outputs[index]
        }

        /// The index of the main one: where a session names none, the first.
        var main: Int { outputs.firstIndex(where: \.isMain) ?? 0 }
    }

    func shown() async throws(ScreenError) -> Shown {
        for driver in drivers {
            if let session = try await driver.session() { return try await Shown(session) }
        }
        throw .noSession
    }
}

/// One of the screens as replies show it (node-commands §5.2).
struct ListedScreen: Encodable, Equatable, Sendable {
    let index: Int
    let name: String
    let width: Int
    let height: Int
    let main: Bool
}

extension ScreenSet.Shown {
    var listed: [ListedScreen] {
        outputs.enumerated().map { index, output in
            ListedScreen(
                index: index, name: output.name, width: output.width, height: output.height, main: index == main)
        }
    }
}
