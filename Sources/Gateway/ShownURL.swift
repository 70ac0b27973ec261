extension StringProtocol {
    /// What was meant as a URL, as it may be shown: user, password, query and fragment are nobody's business, for tokens travel there.
    package var withoutSecrets: String {
        let start = firstRange(of: "://")?.upperBound ?? startIndex
        let rest = self[start...]
        let end = rest.firstIndex { $0 == "?" || $0 == "#" }
        var shown = rest[..<(end ?? endIndex)]
        let authority = shown.prefix { $0 != "/" }
        var user = ""
        if let at = authority.lastIndex(of: "@") {
            user = "…@"
            shown = shown[shown.index(after: at)...]
        }
        return self[..<start] + user + shown + (end.map { "\(self[$0])…" } ?? "")
    }
}
