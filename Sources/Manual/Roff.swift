/// man(7), in the part that both groff and mandoc know.
enum Roff {
    /// What follows in a paragraph's line, at most so long where there are blanks.
    private static let width = 78

    static func lines(_ blocks: [ManualPage.Block], isInner: Bool = false) -> [String] {
        blocks.enumerated().flatMap { index, block -> [String] in
            let begin = index == 0 || blocks[index - 1].isHeading ? [] : [isInner ? ".IP" : ".PP"]
            switch block {
            case .text(let text):
                return begin + filled(text)
            case .heading(let title): return [".SS " + quoted(title)]
            case .example(let text):
                return begin + [".RS 4", ".EX"]
                    + text.split(separator: "\n").map { protected(typed($0)) }
                    + [".EE", ".RE"]
            case .terms(let terms):
                let lines = terms.flatMap { term in
                    [".TP", protected(inline(term.term))] + Self.lines(term.blocks, isInner: true)
                }
                return isInner ? [".RS"] + lines + [".RE"] : lines
            }
        }
    }

    /// A macro's argument.
    static func quoted(_ text: String) -> String {
        "\"" + plain(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\(dq") + "\""
    }

    private static func filled(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in inline(text).split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(protected(line))
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [protected(line)]
    }

    private static func inline(_ text: String) -> String {
        Marking(text).pieces.reduce("") { line, piece in
            switch piece.style {
            case .plain: line + plain(piece.text)
            case .typed: line + "\\fB" + typed(piece.text) + "\\fR"
            case .variable: line + "\\fI" + typed(piece.text) + "\\fR"
            }
        }
    }

    /// A line that begins with one of these would be a request.
    private static func protected(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    /// Prose, where a hyphen is a hyphen.
    static func plain<T: StringProtocol>(_ text: T) -> String { escaped(text, hyphen: "-") }

    /// What may be copied into a shell, where a hyphen is a minus.
    static func typed<T: StringProtocol>(_ text: T) -> String { escaped(text, hyphen: "\\-") }

    private static func escaped<T: StringProtocol>(_ text: T, hyphen: String) -> String {
        text.unicodeScalars.reduce(into: "") { line, scalar in
            switch scalar {
            case "\\": line += "\\(rs"
            case "-": line += hyphen
            // As typed, and not as a typographer would.
            case "'": line += "\\(aq"
            case "`": line += "\\(ga"
            case "^": line += "\\(ha"
            case "~": line += "\\(ti"
            // Terminals without it would show nothing.
            case "…": line += "..."
            case _ where scalar.isASCII: line.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                line += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
            }
        }
    }
}

extension ManualPage.Block {
    /// What follows it needs no macro of its own.
    fileprivate var isHeading: Bool {
        if case .heading = self { true } else { false }
    }
}
