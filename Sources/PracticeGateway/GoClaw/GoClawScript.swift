import Synchronization

/// What a GoClaw gateway says beside what it has to, and how it fails, on purpose.
package final class GoClawScript: Sendable {
    private struct State {
        var beforeAnswer: [JSONValue] = []
        var refusals: [WireRefusal] = []
        var isMute = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Frames sent right before the response to `connect`.
    package var framesBeforeAnswer: [JSONValue] {
        get { state.withLock { $0.beforeAnswer } }
        set { state.withLock { $0.beforeAnswer = newValue } }
    }

    /// What the next `connect` requests are refused with.
    package var refusals: [WireRefusal] {
        get { state.withLock { $0.refusals } }
        set { state.withLock { $0.refusals = newValue } }
    }

    /// Reads, and answers nothing any more.
    package var isMute: Bool {
        get { state.withLock { $0.isMute } }
        set { state.withLock { $0.isMute = newValue } }
    }

    func takeRefusal() -> WireRefusal? {
        state.withLock { $0.refusals.isEmpty ? nil : $0.refusals.removeFirst() }
    }
}
