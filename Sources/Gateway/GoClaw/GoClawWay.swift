import LinuxIO
import NodeCore
import Synchronization

/// A connection on which results may go out.
struct GoClawWay: Sendable {
    let transport: any Transport
    /// Fires when the connection is gone.
    let closed: OneShot
    /// Whether the gateway takes the results of a compute node on it.
    var isComputeNode = false
}

/// The connection that has let us in, for those whose own is gone before they have an answer (goclaw-gateway §7.4).
final class GoClawCrossing: Sendable {
    private struct State {
        var way: GoClawWay?
        var change = OneShot()
    }

    private let state = Mutex(State())

    /// There is one, and its registration is known.
    func open(_ way: GoClawWay) {
        state.withLock { state in
            defer { state.change = OneShot() }
            state.way = way
            return state.change
        }.fire()
    }

    func close() {
        state.withLock { $0.way = nil }
    }

    /// The first that is good for `form`, after the one that is gone. Throws `CancellationError` only.
    func way(for form: PushedInvocation.Form, after gone: GoClawWay) async throws -> GoClawWay {
        while true {
            let (way, change) = state.withLock { ($0.way, $0.change) }
            if let way, way.closed !== gone.closed, way.takes(form) { return way }
            try await change.fired()
        }
    }
}

extension GoClawWay {
    fileprivate func takes(_ form: PushedInvocation.Form) -> Bool {
        switch form {
        case .result, .compat: true
        case .compute: isComputeNode
        case .response: false
        }
    }
}
