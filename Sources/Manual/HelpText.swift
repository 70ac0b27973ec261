/// The same texts for a terminal: what `--help` prints.
package enum HelpText {
    private static let width = 100
    /// A longer term has a line of its own.
    private static let widest = 30

    /// Terms under each other with what they mean beside them, in lines that fit.
    package static func terms(_ terms: [(term: String, text: String)]) -> [String] {
        let marked = terms.map { (term: Marking($0.term).text, text: Marking($0.text).text) }
        let column = (marked.map(\.term.count).filter { $0 <= widest }.max() ?? 4) + 4
        return marked.flatMap { entry -> [String] in
            let lines = filled(entry.text, width - column).map { String(repeating: " ", count: column) + $0 }
            let term = "  " + entry.term
            guard entry.term.count <= widest, let first = lines.first else { return [term] + lines }
            return [term + first.dropFirst(term.count)] + lines.dropFirst()
        }
    }

    /// A text without its marks.
    package static func plain(_ text: String) -> String { Marking(text).text }

    /// A paragraph.
    package static func filled(_ text: String) -> [String] { filled(Marking(text).text, width) }

    private static func filled(_ text: String, _ width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            if let last = lines.last, !last.isEmpty, last.count + 1 + word.count > width { lines.append("") }
            lines[lines.count - 1] += (lines.last?.isEmpty ?? true ? "" : " ") + word
        }
        return lines
    }
}
