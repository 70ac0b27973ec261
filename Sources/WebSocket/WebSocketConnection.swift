import LinuxIO
import NodeCrypto
import Synchronization

/// One open WebSocket (RFC 6455), in either role, over TCP or TLS.
///
/// Nothing runs on its own: the socket is read while somebody is in `receive()`, and written by whoever sends. Who ends it
/// is its user: `close` or `abort`; the last reference going closes the socket without a word.
package final class WebSocketConnection: Sendable {
    let loop: EventLoop
    let socket: StreamSocket
    let state: Mutex<ConnectionState>

    init(_ wire: sending Wire, role: WebSocketRole, maxMessage: Int, early: [UInt8], on loop: EventLoop) {
        self.loop = loop
        socket = wire.socket
        // A long kernel queue would keep what is urgent waiting behind what is large.
        socket.setNotSentLowWater(16 << 10)
        state = Mutex(ConnectionState(wire, role: role, maxMessage: maxMessage, early: early))
    }

    /// What the peer said when it closed, once `receive()` has returned nil.
    package var closeFrame: (code: CloseCode, reason: String)? {
        state.withLock { $0.closeFrame }.map { ($0.code, $0.reason) }
    }

    /// What the server has shown, where it is by a pin that it is believed.
    package var pinnedCertificate: PeerCertificate? { state.withLock { $0.wire.pinnedCertificate } }

    /// Of the message that is coming in; 0 between two.
    package var bytesUnderWay: Int { state.withLock { $0.decoder.bytesUnderWay } }

    package var peer: SocketAddress? { socket.peer }

    /// The limit for messages whose frames are yet to come.
    package func setMaxMessage(_ bytes: Int) {
        state.withLock { $0.decoder.maxMessage = bytes }
    }

    /// For how long the peer may take nothing of what is sent to it, before the connection ends with `.timedOut`.
    package func setWriteLimit(_ limit: Duration) {
        state.withLock { $0.writeLimit = limit }
    }

    // MARK: Turns

    enum Side {
        case sending, reading
    }

    /// Waits for a turn; false when the connection is over or the task was cancelled.
    func takeTurn(_ side: Side, _ rank: TurnQueue.Rank) async -> Bool {
        let number = state.withLock { state in state.withTurns(side) { $0.makeNumber() } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if state.isOver || Task.isCancelled { return false }
                    return state.withTurns(side) { turns in
                        if turns.takeIfFree() { return true }
                        turns.wait(number, rank, continuation)
                        return nil
                    }
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { state in state.withTurns(side) { $0.remove(number) } }?.resume(returning: false)
        }
    }

    func leaveTurn(_ side: Side) {
        state.withLock { state in state.withTurns(side) { $0.leave() } }?.resume(returning: true)
    }

    // MARK: Ending

    /// Ends the connection for all who use it; nil: as agreed with the peer.
    func end(_ error: WebSocketError?, orderly: Bool) {
        let (isFirst, waiters) = state.withLock { state in
            let isFirst = !state.isOver
            if isFirst, orderly { state.wire.close() }
            return (isFirst, state.end(error))
        }
        if isFirst, !orderly { socket.reset() }
        for waiter in waiters { waiter.resume(returning: false) }
    }

    /// Why a wait ended in a `CancellationError`: the socket was closed by somebody else, or our task was cancelled.
    func reasonForCancellation() -> WebSocketError {
        state.withLock { state in
            guard state.isOver else { return .cancelled }
            return state.failure ?? .lost(nil)
        }
    }
}

extension ConnectionState {
    mutating func withTurns<R>(_ side: WebSocketConnection.Side, _ body: (inout TurnQueue) -> R) -> R {
        switch side {
        case .sending: body(&senders)
        case .reading: body(&readers)
        }
    }
}
