import LinuxIO

extension WebSocketConnection {
    /// A second is several round trips to the other side of the world.
    private static let patience = Duration.seconds(1)

    /// Says why and ends the connection, orderly when the peer answers within a second. A message under way is cut off.
    /// Works in a cancelled task as well.
    package func close(_ code: CloseCode, reason: String) async {
        state.withLock { $0.appendClose(CloseFrame(code: code, reason: reason)) }
        guard state.withLock({ !$0.isOver }) else { return }
        await patiently { () async throws(WebSocketError) in
            try await self.flush()
            guard await self.takeTurn(.reading, .first) else { return }
            defer { self.stopReading() }
            while try await self.readMessage() != nil, !Task.isCancelled {}
        }
        end(.lost(nil), orderly: false)
    }

    /// Ends the connection at once, with a reset.
    package func abort() {
        end(.lost(nil), orderly: false)
    }

    /// Sends the close frame that is queued and ends the connection. `untilPeerEnds`: what the peer still sends is thrown away
    /// first, for a socket closed over unread bytes resets, and a reset can overtake the close frame.
    func finish(_ error: WebSocketError?, untilPeerEnds: Bool) async {
        state.withLock { $0.releaseFlush(evenIfStuck: true) }?.resume(returning: true)
        // A failure to tell the peer changes nothing: it is over.
        let isFlushed = state.withLock { state in (try? state.flush()) ?? true }
        if !isFlushed || untilPeerEnds {
            await patiently { () async throws(WebSocketError) in
                try await self.flush()
                if untilPeerEnds { try await self.discardToTheEnd() }
            }
        }
        end(error, orderly: true)
    }

    private func discardToTheEnd() async throws(WebSocketError) {
        socket.shutdownWrite()
        let size = 64 << 10
        while true {
            let result: Result<Int?, Errno> = withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
                do throws(Errno) { return .success(try socket.read(into: buffer)) } catch { return .failure(error) }
            }
            switch result {
            case .success(nil):
                do { _ = try await socket.wait(for: .read) } catch { throw .cancelled }
            case .success(0?), .failure: return
            // Who never pauses does not notice the end of our patience otherwise.
            case .success where Task.isCancelled: throw .cancelled
            case .success: await Task.yield()
            }
        }
    }

    /// Runs `body` for a moment at most, whether or not our task has been cancelled: a cancelled task is the usual place to
    /// close a connection in, and there every wait would end at once. Hence a task that is not a child; it is waited for.
    private func patiently(_ body: @escaping @Sendable () async throws(WebSocketError) -> Void) async {
        await Task(executorPreference: loop) {
            // Whatever went wrong, the connection ends next.
            _ = try? await within(Self.patience, on: self.loop, body)
        }.value
    }
}
