import LinuxIO
import NodeScreen
import NodeTesting
import Testing

@testable import ScreenFramebuffer

@Suite("Virtual consoles", .timeLimit(.minutes(1)))
struct VirtualConsolesTests {
    /// As the kernel gives them: characters of the font with their colours, and of Unicode.
    private static func files(
        _ lines: [String], columns: Int, cursor: (UInt8, UInt8) = (0, 0)
    ) -> (cells: [UInt8], unicode: [UInt8]) {
        let scalars = lines.flatMap { line in
            Array(line.unicodeScalars) + [Unicode.Scalar](repeating: " ", count: columns - line.unicodeScalars.count)
        }
        let head = [UInt8(lines.count), UInt8(min(columns, 255)), cursor.0, cursor.1]
        return (
            head + scalars.flatMap { [$0.isASCII ? UInt8($0.value) : 0x94, 7] },
            scalars.flatMap { scalar in (0..<4).map { UInt8(truncatingIfNeeded: scalar.value >> (8 * $0)) } }
        )
    }

    private static func text(
        _ number: Int?, _ consoles: [Int: (cells: [UInt8], unicode: [UInt8]?)], active: String? = nil
    ) async throws -> ConsoleText {
        let folder = try ScratchFolder()
        try folder.write("dev/null", [])
        for (number, console) in consoles {
            try folder.write("dev/vcsa\(number)", console.cells)
            if let unicode = console.unicode { try folder.write("dev/vcsu\(number)", unicode) }
        }
        if let active { try folder.write("sys/class/tty/tty0/active", Array(active.utf8)) }
        return try await VirtualConsoles(root: folder.path).text(of: number)
    }

    private static let words = files(["grüß Gott ─", "", "  $"], columns: 12, cursor: (4, 2))

    @Test("lines are told without the blanks at their ends, and where the cursor is") func text() async throws {
        let text = try await Self.text(2, [2: Self.words])
        #expect(
            text
                == ConsoleText(
                    console: 2, rows: 3, columns: 12, cursorRow: 2, cursorColumn: 4, lines: ["grüß Gott ─", "", "  $"]))
    }

    @Test("without a number it is the one in front") func active() async throws {
        let other = Self.files(["other"], columns: 8)
        #expect(try await Self.text(nil, [1: other, 3: Self.words], active: "tty3\n").console == 3)
        await #expect(throws: ConsoleError.noConsole) { try await Self.text(nil, [:], active: nil) }
    }

    @Test("what only the font knows is said to be unknown", arguments: [nil, [65, 0, 0, 0]] as [[UInt8]?])
    func fontOnly(unicode: [UInt8]?) async throws {
        let text = try await Self.text(1, [1: (Self.words.cells, unicode)])
        #expect(text.lines.first == "gr\u{FFFD}\u{FFFD} Gott \u{FFFD}")
    }

    @Test("a wide console has more columns than its head can tell") func wide() async throws {
        let line = String(repeating: "x", count: 479) + "y"
        let text = try await Self.text(1, [1: Self.files([line, ""], columns: 480)])
        #expect(text.columns == 480 && text.lines == [line, ""])
    }

    @Test("what is no character is blank or unknown") func control() async throws {
        let cells = Self.files(["abcd"], columns: 4).cells
        let values: [UInt32] = [0, 0x1B, 0xD800, 0x64]
        let unicode = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        #expect(try await Self.text(1, [1: (cells, unicode)]).lines == ["  \u{FFFD}d"])
    }

    @Test("one that nobody uses is refused, with those that are there") func notFound() async throws {
        await #expect(throws: ConsoleError.notFound(9, known: [1, 4])) {
            try await Self.text(9, [1: Self.words, 4: Self.words])
        }
        await #expect(throws: ConsoleError.noConsole) { try await Self.text(9, [:]) }
    }

    @Test(
        "what contradicts itself is no text",
        arguments: [[], [3, 12, 0, 0], [0, 80, 0, 0, 65, 7], [1, 2, 0, 0, 65, 7], [2, 1, 0, 0, 65, 7, 66]] as [[UInt8]])
    func malformed(cells: [UInt8]) async throws {
        #expect(ConsoleText(console: 1, cells: cells, unicode: nil) == nil)
    }

    @Test("who may not read it learns what that costs") func permission() {
        let message = ConsoleError.permission("/dev/vcsa1", group: "tty", user: "nobody").refusal.message
        #expect(message.contains("sudo usermod -aG tty nobody") && message.contains("write to terminals"))
    }
}
