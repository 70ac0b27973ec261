import LinuxIO
import NodeCore
import Synchronization

/// What the gateway is to do wrong, on purpose. Off at first; may be switched at any time.
package final class FaultSwitches: Sendable {
    /// What happens to a TCP connection instead of a WebSocket.
    package enum Arrival: Sendable {
        /// An HTTP answer instead of 101.
        case refuseUpgrade(status: Int, body: String)
        /// A reset right after it was accepted.
        case reset
        /// Accepted, and then nothing.
        case silence
        /// These bytes instead of an answer to the upgrade, then the end.
        case bytes([UInt8])
        /// An ordinary WebSocket: for scripts in which only a later arrival goes wrong.
        case ordinary
    }

    /// What happens to a `connect` instead of its being judged.
    package enum Answer: Sendable {
        case refuse(WireRefusal)
        /// Closed without a word.
        case close(code: UInt16, reason: String)
        /// The socket dies.
        case reset
        /// No answer ever.
        case silence
        case ordinary
    }

    private struct State {
        var arrivals: [Arrival] = []
        var answers: [Answer] = []
        var ticks = true
        var hearing: OneShot?
        var beforeHello: [String] = []
        var greeting: OneShot?
    }

    private let state = Mutex(State())

    package init() {}

    /// One for each of the next connections, in this order.
    package func script(arrivals: [Arrival]) {
        state.withLock { $0.arrivals += arrivals }
    }

    /// One for each of the next `connect` requests, in this order.
    package func script(answers: [Answer]) {
        state.withLock { $0.answers += answers }
    }

    /// Whether ticks are sent; without them a node has to notice that the line is dead.
    package var sendsTicks: Bool {
        get { state.withLock { $0.ticks } }
        set { state.withLock { $0.ticks = newValue } }
    }

    /// Text messages sent between the challenge and the answer to `connect`.
    package var framesBeforeHello: [String] {
        get { state.withLock { $0.beforeHello } }
        set { state.withLock { $0.beforeHello = newValue } }
    }

    /// No WebSocket that opens is greeted before this fires; nil: at once.
    package var greeting: OneShot? {
        get { state.withLock { $0.greeting } }
        set { state.withLock { $0.greeting = newValue } }
    }

    /// While deaf, nothing more is read from any node: at most the message that is awaited already.
    package var isDeaf: Bool {
        get { state.withLock { $0.hearing != nil } }
        set {
            let ended = state.withLock { state in
                let ended = newValue ? nil : state.hearing
                if !newValue { state.hearing = nil } else if state.hearing == nil { state.hearing = OneShot() }
                return ended
            }
            ended?.fire()
        }
    }

    // MARK: The gateway's side

    func takeArrival() -> Arrival {
        state.withLock { $0.arrivals.isEmpty ? .ordinary : $0.arrivals.removeFirst() }
    }

    func takeAnswer() -> Answer {
        state.withLock { $0.answers.isEmpty ? .ordinary : $0.answers.removeFirst() }
    }

    /// Returns when the gateway listens to its nodes. Throws `CancellationError` only.
    func hearing() async throws {
        try await state.withLock { $0.hearing }?.fired()
    }
}
