/// Finds what somebody probably meant to type.
package enum Spelling {
    /// The candidate with the fewest edits, when those are few for its length.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let scored = candidates.map { (distance(word.lowercased(), $0.lowercased()), $0) }
        guard let best = scored.min(by: { $0.0 < $1.0 }), best.0 <= max(2, best.1.count / 3) else { return nil }
        return best.1
    }

    /// Insertions, removals, replacements and swaps of neighbours (optimal string alignment).
    private static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left), Array(right))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
