/// When a node that is let in asks for a pairing of its own (goclaw-gateway §5.6, P4): where only a token lets it in, and
/// before the pairing that it has comes to its end, for no use renews that.
struct Succession: Sendable {
    enum Step: Equatable, Sendable {
        case ask
        case status(of: String)
        case wait(until: ContinuousClock.Instant)
    }

    private static let poll = Duration.seconds(30)
    private static let look = Duration.seconds(3600)
    /// Whoever did not approve it within its hour is not asked again all day.
    private static let pause = Duration.seconds(24 * 3600)

    private let mayAsk: Bool
    private let hasToken: Bool
    private var nextAt: ContinuousClock.Instant
    private var nextAsk: ContinuousClock.Instant
    private var lastPoll: ContinuousClock.Instant?

    /// `askedAt`: by any connection of ours.
    init(_ role: GoClawHello.Role, hasToken: Bool, askedAt: ContinuousClock.Instant?, now: ContinuousClock.Instant) {
        mayAsk = role >= .operator
        self.hasToken = hasToken
        nextAt = now
        nextAsk = askedAt.map { $0 + Self.pause } ?? now
    }

    func next(_ memory: GoClawMemory, now: ContinuousClock.Instant, wallMs: Int) -> Step {
        let isNeeded = memory.pairing.map { $0.daysLeft(at: wallMs) != nil } ?? hasToken
        guard mayAsk, isNeeded else { return .wait(until: now + Self.look) }
        if let successor = memory.successor, successor.isAlive(at: wallMs) {
            return now >= nextAt ? .status(of: successor.senderId) : .wait(until: nextAt)
        }
        return now >= nextAsk ? .ask : .wait(until: min(nextAsk, now + Self.look))
    }

    /// `code` is nil where the gateway gave none.
    mutating func asked(
        as sender: String, _ code: String?, _ memory: inout GoClawMemory, now: ContinuousClock.Instant, wallMs: Int
    ) {
        nextAsk = now + Self.pause
        nextAt = now + Self.poll
        memory.successor = code.map {
            GoClawMemory.Request(senderId: sender, code: $0.cut(to: 64), sinceMs: wallMs)
        }
    }

    mutating func told(
        _ status: String?, _ memory: inout GoClawMemory, now: ContinuousClock.Instant, wallMs: Int
    ) {
        nextAt = now + Self.poll
        lastPoll = now
        switch status {
        case "approved":
            guard let successor = memory.successor else { return }
            memory.pairing = GoClawMemory.Pairing(senderId: successor.senderId, pairedAtMs: wallMs)
            memory.successor = nil
        case "expired": memory.successor = nil
        default: break
        }
    }

    /// Something was decided at the gateway, perhaps about us.
    mutating func hinted(now: ContinuousClock.Instant) {
        nextAt = min(nextAt, max(now, lastPoll.map { $0 + PairingProcedure.poll } ?? now))
    }
}
