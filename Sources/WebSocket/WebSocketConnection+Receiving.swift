extension WebSocketConnection {
    /// The next message; nil after the peer's close frame, which is answered and ends the connection.
    ///
    /// Reads from the socket only while it is waited for, so a peer is never read faster than its messages are taken, and
    /// answers pings meanwhile. Cancelled, nothing is lost: the next call goes on. Others who call it wait for their turn.
    package func receive() async throws(WebSocketError) -> WebSocketMessage? {
        guard await takeTurn(.reading, .first) else {
            if closeFrame != nil { return nil }
            throw reasonForCancellation()
        }
        defer { stopReading() }
        return try await readMessage()
    }

    /// To be called by who has the readers' turn.
    func readMessage() async throws(WebSocketError) -> WebSocketMessage? {
        while true {
            let (step, isLong, next) = state.withLock { state in
                let step = state.read()
                return (step, state.isLong(after: step), state.releaseFlush(evenIfStuck: false))
            }
            next?.resume(returning: true)
            // A peer that never pauses must not keep the loop for itself.
            if isLong { await Task.yield() }
            switch step {
            case .message(let message): return message
            case .more, .overhead: if isLong, Task.isCancelled { throw reasonForCancellation() }
            case .wait(let forWriting):
                do { _ = try await socket.wait(for: forWriting ? [.read, .write] : .read) } catch {
                    if closeFrame != nil { return nil }
                    throw reasonForCancellation()
                }
            case .closed:
                await finish(nil, untilPeerEnds: false)
                return nil
            case .violated(let violation):
                let error = WebSocketError.violation(violation.code, violation.reason)
                await finish(error, untilPeerEnds: true)
                throw error
            case .failed(let error):
                end(error, orderly: false)
                throw error
            }
        }
    }

    func stopReading() {
        let (sender, reader) = state.withLock { state in
            (state.releaseFlush(evenIfStuck: true), state.readers.leave())
        }
        sender?.resume(returning: true)
        reader?.resume(returning: true)
    }
}
