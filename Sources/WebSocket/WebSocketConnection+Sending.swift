extension WebSocketConnection {
    /// Sends one message; returns when its last byte is with the kernel.
    ///
    /// Small messages of other tasks overtake large ones that have not begun. Cancelled while it waits for its turn, nothing
    /// is sent; cancelled in mid-message, or when a blob cannot be read, the connection ends, because nobody could make
    /// sense of what would follow.
    package func send(_ message: OutgoingMessage) async throws(WebSocketError) {
        var fragments = OutgoingFragments(message)
        let hasTurn = try state.withLock { (state) throws(WebSocketError) in
            try state.checkSending()
            return state.senders.takeIfFree()
        }
        if !hasTurn { try await waitToSend(fragments.isSmall ? .first : .second) }
        do throws(WebSocketError) {
            // Most messages fit the kernel's buffer and are gone without a suspension.
            try await push { (state) throws(WebSocketError) in try state.advance(&fragments, now: { loop.now }) }
        } catch {
            let isBroken = state.withLock { $0.isBroken(by: fragments) }
            if isBroken { end(.lost(nil), orderly: false) }
            leaveTurn(.sending)
            throw error
        }
    }

    /// Sends a ping; `receive()` deals with the pong. `payload` has at most 125 bytes.
    package func ping(_ payload: [UInt8]) async throws(WebSocketError) {
        precondition(payload.count <= 125, "a ping's payload has at most 125 bytes")
        try state.withLock { (state) throws(WebSocketError) in
            try state.checkSending()
            try state.append(.ping, payload)
        }
        // Who has the turn sends it with the rest, between two fragments.
        guard state.withLock({ $0.senders.takeIfFree() }) else { return }
        try await pushQueued()
    }

    /// Sends a ping and waits for its pong, which somebody in `receive()` has to meet. Throws `.timedOut` after `limit`.
    package func ping(_ payload: [UInt8], within limit: Duration) async throws(WebSocketError) {
        let number = state.withLock { $0.pings.add(payload) }
        defer { state.withLock { $0.pings.remove(number) }?.resume(returning: false) }
        let answer = try await WebSocket.within(limit, on: loop) { () async throws(WebSocketError) -> Bool in
            try await self.ping(payload)
            return await self.waitForPong(number)
        }
        guard let answer else { throw .timedOut("the answer to a ping") }
        guard answer else { throw reasonForCancellation() }
    }

    private func waitForPong(_ number: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    // The flag is set before the handler below runs, so either sees what the other did.
                    if state.isOver || Task.isCancelled {
                        continuation.resume(returning: false)
                    } else {
                        state.pings.wait(number, continuation)
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.pings.remove(number) }?.resume(returning: false)
        }
    }

    /// Sends all that is queued, after those whose turn it is.
    func flush() async throws(WebSocketError) {
        try await waitToSend(.first)
        try await pushQueued()
    }

    private func pushQueued() async throws(WebSocketError) {
        do throws(WebSocketError) {
            try await push { (state) throws(WebSocketError) in try state.finishFlush() }
        } catch {
            leaveTurn(.sending)
            throw error
        }
    }

    private func waitToSend(_ rank: TurnQueue.Rank) async throws(WebSocketError) {
        guard await takeTurn(.sending, rank) else { throw reasonForCancellation() }
    }

    /// Calls `advance` until it is done, waiting for the kernel in between. The turn is over then, but not after an error.
    private func push(
        _ advance: (inout ConnectionState) throws(WebSocketError) -> ConnectionState.SendStep
    ) async throws(WebSocketError) {
        while true {
            switch try state.withLock({ (state) throws(WebSocketError) in try advance(&state) }) {
            case .done(let next):
                next?.resume(returning: true)
                return
            case .more:
                // Whoever reads can answer a ping now, and others have the loop.
                await Task.yield()
                if Task.isCancelled { throw .cancelled }
            case .blocked:
                do {
                    guard let limit = state.withLock({ $0.writeLimit }) else {
                        _ = try await socket.wait(for: .write)
                        continue
                    }
                    let socket = socket
                    let isReady = try await within(limit, on: loop) { () async throws(WebSocketError) -> Bool in
                        do { _ = try await socket.wait(for: .write) } catch { throw .cancelled }
                        return true
                    }
                    if isReady == true { continue }
                } catch { throw reasonForCancellation() }
                let error = WebSocketError.timedOut("the peer's reading")
                end(error, orderly: false)
                throw error
            }
        }
    }
}
