/// One thing the demo did, for the screen and the report.
struct Step: Sendable {
    var title: String
    var duration: Duration
    /// What an operator of a real gateway types for it.
    var operatorLine: String?
    /// JSON text of the reply.
    var reply: String?
    var media: Media?
    var succeeded: Bool

    var milliseconds: String {
        let tenths = (duration / .milliseconds(1) * 10).rounded() / 10
        return tenths < 100 ? "\(tenths) ms" : "\(Int(tenths.rounded())) ms"
    }

    var line: String {
        let mark = succeeded ? "✓" : "✗"
        let space = String(repeating: " ", count: max(1, 10 - milliseconds.count))
        return "\(mark)\(space)\(milliseconds)  \(title)"
    }
}
