import NodeTesting
import Synchronization
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct TurnTests {
    @Test("turns come in the order of asking, one at a time")
    func order() async throws {
        let (order, most) = try await onEventLoop { _ in
            let turn = Turn()
            let record = Record()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try? await turn.take()  // nobody cancels
                        record.enter(number)
                        await Task.yield()
                        record.leave()
                        turn.leave()
                    }
                }
            }
            return (record.order, record.most)
        }
        #expect(order == Array(0..<100))
        #expect(most == 1)
    }

    private final class Record: Sendable {
        private let state = Mutex<(order: [Int], inside: Int, most: Int)>(([], 0, 0))

        func enter(_ number: Int) {
            state.withLock { state in
                state.order.append(number)
                state.inside += 1
                state.most = max(state.most, state.inside)
            }
        }

        func leave() { state.withLock { $0.inside -= 1 } }

        var order: [Int] { state.withLock { $0.order } }
        var most: Int { state.withLock { $0.most } }
    }

    @Test("who is cancelled while waiting leaves the line, and the next one gets the turn")
    func cancelled() async throws {
        try await onEventLoop { _ in
            let turn = Turn()
            try await turn.take()
            let isCancelled = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await turn.take() } catch { return error is CancellationError }
                    return false
                }
                await Task.yield()
                group.cancelAll()
                return await group.next()
            }
            #expect(isCancelled == true)
            async let next: Void = turn.take()
            await Task.yield()
            turn.leave()
            try await next
        }
    }

    @Test("a free turn is given to a cancelled task, too")
    func free() async throws {
        try await onEventLoop { _ in
            let turn = Turn()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { try await turn.take() }
                try await group.next()
            }
        }
    }
}
