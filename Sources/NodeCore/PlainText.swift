extension String {
    /// With blanks for line breaks and other control characters: what others sent must not make lines of its own, nor move
    /// the cursor of whoever reads it.
    package var inOneLine: String {
        // Most are, and this is asked for each line of the log.
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? " " : $0 }))
    }

    /// Itself, or as many of its characters as have no more than `limit` bytes, and an ellipsis.
    package func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        // Up to the first byte of a character that would not fit any more.
        var end = utf8.index(startIndex, offsetBy: limit)
        while end.samePosition(in: unicodeScalars) == nil { utf8.formIndex(before: &end) }
        return self[..<end] + "…"
    }

    /// What somebody has called something, short and tame enough for a sentence.
    package var cited: String { inOneLine.cut(to: 64) }

    /// Without blanks around it.
    package var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        let end = start.lastIndex(where: { !$0.isWhitespace }).map { start.index(after: $0) } ?? start.startIndex
        return start[..<end]
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
