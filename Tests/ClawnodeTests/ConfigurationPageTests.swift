import LinuxIO
import Manual
import NodeCore
import NodeRuntime
import NodeTesting
import Testing

@testable import clawnode

@Suite struct ConfigurationPageTests {
    static let root = Surroundings(variables: [:], isRoot: true)

    func keys() throws -> [ConfigurationKey] { try Configuration.reference(Self.root) }

    @Test("every key is on the page, says what it is for, and is there once") func complete() throws {
        let text = try ConfigurationPage.page().roff(version: "1", date: "2026-01-01")
        let keys = try keys()
        #expect(keys.count > 20 && Set(keys.map(\.path)).count == keys.count)
        for key in keys {
            let path = key.path.replacing("NAME", with: "\\fINAME\\fR\\fB").replacing(".\\fI", with: ".\\fR\\fI")
            let plain = path.replacing("\\fR", with: "").replacing("\\fB", with: "").replacing("\\fI", with: "")
            let shown = text.replacing("\\fR", with: "").replacing("\\fB", with: "").replacing("\\fI", with: "")
            #expect(shown.contains("\n.TP\n\(plain)\n"))
            #expect(key.help.hasSuffix("."), "\(key.path)")
        }
    }

    @Test("a key's kind and default are what its option and an empty configuration say") func facts() throws {
        let keys = Dictionary(uniqueKeysWithValues: try keys().map { ($0.path, $0) })
        #expect(keys["maxConcurrentInvocations"]?.kind == .integer(1...64))
        #expect(keys["camera.keepWarmSeconds"]?.standard == "5")
        #expect(keys["stateDir"]?.standard == "\"/var/lib/clawnode\"")
        #expect(keys["camera.aliases.NAME.position"]?.kind == .choice(["front", "back", "unknown"]))
        for option in Main.subcommands.flatMap({ $0.options }) + Option.common {
            guard let path = option.key else { continue }
            let key = try #require(keys[path], "\(option.name)")
            switch (option.kind, key.kind) {
            case (.flag, .bool), (.integer, .integer), (.repeated, .strings), (.list, .strings): break
            case (.text, .choice(let choices)): #expect(option.choices == choices)
            case (.text, .string): #expect(option.choices.isEmpty)
            default: Issue.record("\(option.name) is not as \(path)")
            }
        }
    }

    @Test("the page's example is understood") func example() throws {
        try understand(ConfigurationPage.example)
    }

    func understand(_ text: String) throws {
        let scratch = try ScratchFolder()
        try StateFile.write(scratch.file("clawnode.json"), Array(text.utf8), durable: false)
        let sources = try ConfigurationSources(
            file: scratch.file("clawnode.json"), options: [:], surroundings: Self.root)
        _ = try Configuration(sources, Self.root, needsSecrets: false)
    }
}
