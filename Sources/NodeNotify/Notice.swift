import NodeCore

/// What somebody at this machine is to be told, in the words of the asker: without control characters, and not too long.
struct Notice: Equatable, Sendable {
    enum Priority: String, CaseIterable, Sendable {
        case passive, active, timeSensitive
    }

    /// In bytes. More than that nobody reads in a notification.
    private static let longest = (title: 200, body: 4000)

    let title: String
    /// May have several lines.
    let body: String
    let priority: Priority
    let isSilent: Bool

    /// Nil when there are no words.
    init?(title: String, body: String, priority: Priority = .active, isSilent: Bool = false) {
        self.title = title.inOneLine.trimmed.description.cut(to: Self.longest.title)
        let lines = body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            String($0).inOneLine
        }
        self.body = lines.joined(separator: "\n").trimmed.description.cut(to: Self.longest.body)
        self.priority = priority
        self.isSilent = isSilent
        if self.title.isEmpty && self.body.isEmpty { return nil }
    }
}
