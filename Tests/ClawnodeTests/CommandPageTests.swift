import Manual
import NodeRuntime
import Testing

@testable import clawnode

@Suite struct CommandPageTests {
    static let text = CommandPage.page.roff(version: "1", date: "2026-01-01").replacing("\\-", with: "-")

    @Test("every subcommand is on the page with all its options, and the hidden ones are not") func subcommands() {
        for subcommand in Main.subcommands {
            #expect(Self.text.contains(".SS \"clawnode \(subcommand.name)\"") == !subcommand.isHidden)
        }
        for option in Main.subcommands.filter({ !$0.isHidden }).flatMap({ $0.options }) + Option.common {
            #expect(Self.text.contains("\\fB\(option.name)\\fR"))
        }
    }

    @Test("every exit code, variable, file, capability and command is on the page") func tables() {
        for code in ExitCode.allCases { #expect(Self.text.contains("\n.TP\n\(code.rawValue)\n")) }
        for variable in Surroundings.known { #expect(Self.text.contains("\n\\fB\(variable.name)\\fR\n")) }
        for place in Place.all { #expect(Self.text.contains("\\fB\(place.ofRoot)\\fR")) }
        for family in Family.all {
            #expect(Self.text.contains("\n.SS \"\(family.name)\"\n"))
            for command in family.commands { #expect(Self.text.contains("\\fB\(command.text)\\fR")) }
        }
    }

    @Test("every variable that is read is known, and every one that is known is read") func variables() throws {
        let call =
            #/(?:value|variable|getenv)\("([A-Za-z_]+)"\)|(?:variables|\(\))\["([A-Za-z_]+)"\]|set\("\w+", "([A-Za-z_]+)"\)/#
        let read = try Sources.ofPrograms().matches(of: call)
            .map { String($0.output.1 ?? $0.output.2 ?? $0.output.3 ?? "") }
        #expect(Set(read) == Set(Surroundings.known.map(\.name)))
    }

    @Test("a place is the one that is used") func places() {
        let root = Surroundings(variables: [:], isRoot: true)
        #expect(Place.all.first?.ofRoot == root.defaultConfigurationFile)
        #expect(Place.all.contains { $0.ofUser == "~/.local/state/clawnode/identity.json" })
        #expect(Place.all.contains { $0.ofUser == "$XDG_RUNTIME_DIR/clawnode/status.json" })
        #expect(!Place.all.contains { $0.ofRoot.hasPrefix("/identity") || $0.ofUser.hasPrefix("/") })
    }
}
