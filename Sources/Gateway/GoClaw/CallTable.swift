import NodeCore
import Synchronization

/// The requests of one connection that wait for their responses. It ends with its connection, and so no response of an older
/// one is ever taken for one of a newer.
final class CallTable: Sendable {
    typealias Outcome = Result<JSONTree?, GoClawFault>

    private struct Call {
        var outcome: Outcome?
        var waiter: CheckedContinuation<Outcome, Never>?
    }

    private struct State {
        var calls: [String: Call] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    /// To be called before the request is written; `forget` follows in any case.
    func expect(_ id: String) {
        state.withLock { $0.calls[id] = Call(outcome: $0.isOver ? .failure(.connectionLost) : nil) }
    }

    func forget(_ id: String) {
        state.withLock { $0.calls.removeValue(forKey: id) }?.waiter?.resume(returning: .failure(.connectionLost))
    }

    /// The response to an expected request; a lost connection when the connection ends first, or the task is cancelled.
    func outcome(of id: String) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Outcome? = state.withLock { state in
                    guard let call = state.calls[id], !Task.isCancelled else { return .failure(.connectionLost) }
                    if let outcome = call.outcome { return outcome }
                    state.calls[id]?.waiter = continuation
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            settle(id, .failure(.connectionLost))
        }
    }

    /// False for a response that nobody waits for.
    @discardableResult
    func take(_ response: TolerantFrame.Response) -> Bool {
        // What is said of no request is said of the only one; a success would not be (R8).
        let only = state.withLock { $0.calls.count == 1 ? $0.calls.keys.first : nil }
        let isNameless = response.id.isEmpty && (response.fault != nil || response.isGreeting)
        let id = isNameless ? only ?? "" : response.id
        return settle(id, response.fault.map { .failure($0) } ?? .success(response.payload))
    }

    /// Every call fails, those to come included.
    func end() {
        let ids = state.withLock { state in
            state.isOver = true
            return Array(state.calls.keys)
        }
        for id in ids { settle(id, .failure(.connectionLost)) }
    }

    /// The first answer counts (R9).
    @discardableResult
    private func settle(_ id: String, _ outcome: Outcome) -> Bool {
        let (isFirst, waiter): (Bool, CheckedContinuation<Outcome, Never>?) = state.withLock { state in
            guard let call = state.calls[id], call.outcome == nil else { return (false, nil) }
            state.calls[id] = Call(outcome: outcome)
            return (true, call.waiter)
        }
        waiter?.resume(returning: outcome)
        return isFirst
    }
}
