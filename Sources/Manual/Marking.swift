/// A text of a manual page in pieces: as it is, `as typed`, or <STANDING> for something else.
struct Marking {
    enum Style {
        case plain, typed, variable
    }

    let pieces: [(style: Style, text: Substring)]

    /// An opening mark without a closing one, and `<` before what is no name in capitals, are themselves.
    init(_ text: String) {
        var pieces: [(Style, Substring)] = []
        var plain = text.startIndex
        var at = text.startIndex
        func end(of mark: Character, from start: String.Index) -> String.Index? { text[start...].firstIndex(of: mark) }
        while at < text.endIndex {
            let next = text.index(after: at)
            let found: (Style, String.Index)? =
                switch text[at] {
                case "`": end(of: "`", from: next).map { (.typed, $0) }
                case "<":
                    end(of: ">", from: next).flatMap { end in
                        Self.isName(text[next..<end]) ? (.variable, end) : nil
                    }
                default: nil
                }
            guard let (style, end) = found else {
                at = next
                continue
            }
            if plain < at { pieces.append((.plain, text[plain..<at])) }
            pieces.append((style, text[next..<end]))
            at = text.index(after: end)
            plain = at
        }
        if plain < at { pieces.append((.plain, text[plain..<at])) }
        self.pieces = pieces
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isUppercase || $0 == "-" }
    }

    /// Without the marks, as a terminal shows it.
    var text: String { pieces.reduce("") { $0 + $1.text } }
}
