/// What a GoClaw gateway has let us have: `tokens.json` keeps it, for a sender id is as good as a password (goclaw-gateway §3.5).
package struct GoClawMemory: Codable, Equatable, Sendable {
    package struct Pairing: Codable, Equatable, Sendable {
        package var senderId: String
        package var pairedAtMs: Int
    }

    /// A code that waits for its approval.
    package struct Request: Codable, Equatable, Sendable {
        package var senderId: String
        package var code: String
        package var sinceMs: Int

        private static let lifetimeMs = 60 * 60 * 1000

        /// What seems to come from the future was written by another clock.
        func isAlive(at wallMs: Int) -> Bool { (0..<Self.lifetimeMs).contains(wallMs &- sinceMs) }
    }

    package var pairing: Pairing?
    package var request: Request?
    /// For the pairing that is to follow the one there is, or to do without the token.
    package var successor: Request?

    package init() {}
}

extension GoClawMemory.Pairing {
    private static let day = 24 * 60 * 60 * 1000
    /// Not renewed by use.
    private static let lifetime = 30 * day
    /// In time for an operator to come by.
    private static let warning = 25 * day

    /// Days that are left, once they are few; nil before. A clock that is wrong warns too early or too late, no more.
    func daysLeft(at wallMs: Int) -> Int? {
        let age = wallMs &- pairedAtMs
        return age < Self.warning ? nil : max(0, (Self.lifetime - age + Self.day - 1) / Self.day)
    }
}
