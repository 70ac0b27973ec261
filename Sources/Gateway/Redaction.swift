import NodeCore

/// Takes out of what a gateway says whatever is a secret between it and us: some repeat what they refuse.
struct Redaction: Sendable {
    private let secrets: [String]

    /// Shorter ones are in many words, and no secrets.
    private static let shortest = 4

    init(_ secrets: [String?]) {
        // The longest first, where one is a part of another.
        self.secrets = secrets.compactMap { $0 }.filter { $0.utf8.count >= Self.shortest }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    func text(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "…") }
    }

    func condition(_ condition: Condition) -> Condition {
        Condition(
            id: condition.id, severity: condition.severity, summary: text(condition.summary), remedy: condition.remedy)
    }
}
