import LinuxIO
import NodeRuntime
import NodeTesting
import Testing

@testable import clawnode

/// What the README says of the program is so.
@Suite struct ReadmeTests {
    /// What stands under a heading.
    func chapter(_ title: String) throws -> Substring {
        let text = try Sources.text("README.md")
        let begin = try #require(text.firstRange(of: "\n## \(title)\n"))
        let rest = text[begin.upperBound...]
        return rest[..<(rest.firstRange(of: "\n## ")?.lowerBound ?? rest.endIndex)]
    }

    /// What stands in a row's cells, the heading left out.
    func rows(_ chapter: Substring) -> [[Substring]] {
        chapter.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map { $0.split(separator: " | ") }
    }

    @Test("a message it quotes is one that the sources have") func messages() throws {
        // A text in several pieces is one, and what is put into it differs.
        let sources = try Sources.all().replacing(#/"\s*\+\s*"/#, with: "")
        let rows = rows(try chapter("When something is wrong"))
        #expect(rows.count > 20)
        for row in rows {
            let messages = row[0].matches(of: #/`([^`]+)`/#).map(\.output.1)
            #expect(!messages.isEmpty, "\(row)")
            for part in messages.flatMap({ $0.split(separator: "…") }) {
                let words = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                let isThere = sources.contains(String(words))
                #expect(isThere, "\(String(words))")
            }
            for exit in row[0].matches(of: #/exit (\d+)/#) {
                #expect(ExitCode(rawValue: try #require(Int32(exit.output.1))) != nil)
            }
        }
    }

    /// What it shows as typed, in a line or by itself.
    func code() throws -> String {
        let pieces = try Sources.text("README.md").split(separator: "```", omittingEmptySubsequences: false)
        return pieces.enumerated().map { index, piece in
            index % 2 == 1 ? String(piece) : piece.matches(of: #/`([^`]+)`/#).map { $0.output.1 + "\n" }.joined()
        }.joined(separator: "\n")
    }

    @Test("a line it has for clawnode is one that clawnode takes") func lines() throws {
        let line = #/^(?:sudo )?clawnode ([a-z]+)([^\n#|]*)/#.anchorsMatchLineEndings()
        let lines = try code().matches(of: line).filter { $0.output.1 != "help" }
        #expect(lines.count > 15)
        for line in lines {
            let subcommand = Main.subcommands.first { $0.name == line.output.1 }
            #expect(subcommand != nil, "\(line.output.0)")
            for option in line.output.2.matches(of: #/--[a-z-]+/#) {
                let all = (subcommand?.options ?? []) + Option.common
                #expect(all.contains { $0.name == option.output }, "\(line.output.0)")
            }
        }
    }

    @Test("its configuration is understood, and the commands it lists are those there are") func facts() throws {
        let chapter = try chapter("Configuration")
        let block = try #require(chapter.firstMatch(of: #/```json5\n([^`]+)```/#)).output.1
        try ConfigurationPageTests().understand(String(block))
        let commands = rows(try self.chapter("What it can be asked"))
            .compactMap { $0[0].firstMatch(of: #/`([a-z]+\.[a-z.]+)`/#).map { String($0.output.1) } }
        #expect(commands == Family.all.flatMap { $0.commands.map(\.text) })
    }
}
