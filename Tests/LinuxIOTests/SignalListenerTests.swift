import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct SignalListenerTests {
    // Signals that do nothing to the other threads of the tests, and are sent to the loop's thread only.

    @Test("signals are told instead of doing what they do, also those that came before anybody waited")
    func told() async throws {
        try await onEventLoop { loop in
            let listener = try SignalListener([SIGWINCH, SIGURG], on: loop)
            raise(SIGWINCH)
            let first = try await listener.next()
            #expect(first == SIGWINCH)
            async let second = listener.next()
            await Task.yield()
            raise(SIGURG)
            #expect(await (try? second) == SIGURG)
        }
    }

    @Test("waiting ends with the task")
    func cancelled() async throws {
        let isCancelled = try await onEventLoop { loop in
            let listener = try SignalListener([SIGWINCH], on: loop)
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { _ = try await listener.next() } catch { return error is CancellationError }
                    return false
                }
                await Task.yield()
                group.cancelAll()
                return await group.next()
            }
        }
        #expect(isCancelled == true)
    }
}
