import LinuxIO
import WebSocket

/// After each wake, finds out whether a connection lives still.
struct LifeProof: Sendable {
    enum End: Sendable {
        case dead(since: Wake)
        case lost(WebSocketError)
        case cancelled
    }

    let transport: any Transport
    let bell: WakeBell
    let timekeeper: any Timekeeper
    /// How long nothing may be heard, and when something was.
    let hearing: @Sendable () -> TickWatchdog

    /// How soon a gateway answers a ping when something may have ended the connection.
    private static let answerTime = Duration.seconds(5)
    /// Between two such pings.
    private static let pause = Duration.seconds(1)

    /// Returns when the connection is found dead, or cancelled.
    func run() async -> End {
        var last = 0
        while true {
            do {
                let ring = try await bell.next(after: last)
                let before = hearing()
                if ring.wake.slept > before.patience { return .dead(since: ring.wake) }
                // One answer is good for all that has rung so far.
                last = bell.latest
                do throws(WebSocketError) {
                    try await transport.ping(Array("wake".utf8), within: Self.answerTime)
                } catch {
                    if error == .cancelled { return .cancelled }
                    guard case .timedOut = error else { return .lost(error) }
                    // What was heard instead will do: the answer may stand behind something large.
                    if hearing().lastHeard == before.lastHeard { return .dead(since: ring.wake) }
                }
                bell.settle(upTo: last)
                try await timekeeper.sleep(for: Self.pause)
            } catch { return .cancelled }
        }
    }
}
