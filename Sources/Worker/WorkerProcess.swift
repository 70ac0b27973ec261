import LinuxIO
import NodeCore

/// A worker that was started, from the daemon's side.
struct WorkerProcess: Sendable {
    let number: Int
    let channel: WorkerChannel
    /// Nil when systemd has started it.
    let process: ChildProcess?

    /// How the conversation came to its end.
    enum End: Equatable, Sendable {
        /// We hung up.
        case hungUp
        /// It went.
        case gone
        case fault(String)
    }

    /// Hands every message to `take` until the conversation is over.
    func converse(_ take: (WorkerChannel.Received) async -> Void) async -> End {
        do {
            while let received = try await channel.receive() {
                await take(received)
                // One that never pauses holds up nobody else.
                await Task.yield()
                try Task.checkCancellation()
            }
            return .gone
        } catch is CancellationError {
            return .hungUp
        } catch {
            return .fault("\(error)")
        }
    }

    /// How the process ended, nil when it has not within `limit`. Cancellation ends the wait, too.
    func exit(within limit: Duration, on loop: EventLoop) async -> ExitStatus? {
        guard let process else { return nil }
        return await withTaskGroup(of: ExitStatus?.self) { group in
            // Nil when it was cancelled or cannot be known.
            group.addTask { try? await process.wait() }
            group.addTask {
                try? await loop.sleep(for: limit)  // cancelled: over as well
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

/// A sign of life that a worker has yet to give.
struct Debt {
    let worker: WorkerProcess
    let since: ContinuousClock.Instant
}

extension ExitStatus {
    /// For the person who reads why a worker is gone.
    var words: String {
        switch self {
        case .exited(let status): "status \(status)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
