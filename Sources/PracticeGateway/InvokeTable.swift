import Synchronization

/// The invocations that wait for their replies, each bound to the connection it went out on.
final class InvokeTable: Sendable {
    enum End: Sendable {
        case reply(InvokeReply)
        case connectionEnded
        case abandoned
    }

    /// What a reply turned out to be.
    enum Finding: Sendable {
        case delivered
        /// Right, but its caller had given up.
        case late
        /// The second one.
        case repeated
        /// Sent on another connection than the request came on.
        case foreign
        case unknown
    }

    private enum Entry {
        case waiting(connection: Int, CheckedContinuation<End, Never>?)
        /// The end came before its waiter, or nobody takes it any more.
        case ended(connection: Int, End?, isAnswered: Bool)
    }

    /// The number of the next sign of life.
    private let progress = Mutex<[String: Int]>([:])
    private let entries = Mutex<[String: Entry]>([:])

    /// To be called before the request is sent.
    func expect(_ id: String, on connection: Int) {
        entries.withLock { $0[id] = .waiting(connection: connection, nil) }
    }

    /// The end of an expected invocation; `.abandoned` when the task is cancelled.
    func end(of id: String) async -> End {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end: End? = entries.withLock { entries in
                    switch entries[id] {
                    case .waiting(let connection, _):
                        entries[id] = .waiting(connection: connection, continuation)
                        return nil
                    case .ended(let connection, let end, let isAnswered):
                        entries[id] = .ended(connection: connection, nil, isAnswered: isAnswered)
                        return end ?? .abandoned
                    case nil: return .abandoned
                    }
                }
                if let end { continuation.resume(returning: end) }
            }
        } onCancel: {
            settle(id, .abandoned, isAnswered: false)
        }
    }

    func deliver(_ reply: InvokeReply, for id: String, from connection: Int) -> Finding {
        let (finding, waiter): (Finding, CheckedContinuation<End, Never>?) = entries.withLock { entries in
            switch entries[id] {
            case .waiting(connection, let waiter):
                let end: End? = waiter == nil ? .reply(reply) : nil
                entries[id] = .ended(connection: connection, end, isAnswered: true)
                return (.delivered, waiter)
            case .ended(connection, let end, isAnswered: false):
                entries[id] = .ended(connection: connection, end, isAnswered: true)
                return (.late, nil)
            case .ended(connection, _, isAnswered: true): return (.repeated, nil)
            case .waiting, .ended: return (.foreign, nil)
            case nil: return (.unknown, nil)
            }
        }
        waiter?.resume(returning: .reply(reply))
        return finding
    }

    /// What a sign of life of an invocation turned out to be: `.delivered` only in its turn, before the reply.
    func progress(_ id: String, number: Int, from connection: Int) -> Finding {
        entries.withLock { entries in
            switch entries[id] {
            case .waiting(connection, _):
                let expected = progress.withLock { $0[id] ?? 0 }
                guard number == expected else { return .repeated }
                progress.withLock { $0[id] = expected + 1 }
                return .delivered
            case .ended(connection, _, _): return .late
            case .waiting, .ended: return .foreign
            case nil: return .unknown
            }
        }
    }

    /// Whether its node has told of its going on.
    func hasProgress(_ id: String) -> Bool { progress.withLock { $0[id] != nil } }

    /// Ends everything that waits for a reply on that connection.
    func connectionEnded(_ connection: Int) {
        let ids = entries.withLock { entries in
            entries.compactMap { id, entry in
                if case .waiting(connection, _) = entry { return id }
                return nil
            }
        }
        for id in ids { settle(id, .connectionEnded, isAnswered: false) }
    }

    private func settle(_ id: String, _ end: End, isAnswered: Bool) {
        let waiter: CheckedContinuation<End, Never>? = entries.withLock { entries in
            guard case .waiting(let connection, let waiter) = entries[id] else { return nil }
            entries[id] = .ended(connection: connection, waiter == nil ? end : nil, isAnswered: isAnswered)
            return waiter
        }
        waiter?.resume(returning: end)
    }
}
