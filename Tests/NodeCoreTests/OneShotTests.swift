import NodeTesting
import Testing

@testable import NodeCore

@Suite(.timeLimit(.minutes(5))) struct OneShotTests {
    @Test("whoever waits is told, and so is whoever comes later")
    func fires() async throws {
        try await onEventLoop { _ in
            let shot = OneShot()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try await shot.fired() } }
                await Task.yield()
                #expect(!shot.hasFired)
                shot.fire()
                shot.fire()
                try await group.waitForAll()
            }
            try await shot.fired()
            #expect(shot.hasFired)
        }
    }

    @Test("a cancelled task waits no longer, and the others go on", arguments: [true, false])
    func cancelled(isEarly: Bool) async throws {
        try await onEventLoop { _ in
            let shot = OneShot()
            async let other: Void = shot.fired()
            let isCancelled = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await shot.fired() } catch { return error is CancellationError }
                    return false
                }
                if !isEarly { await Task.yield() }
                group.cancelAll()
                return await group.next()
            }
            #expect(isCancelled == true)
            shot.fire()
            try await other
        }
    }
}
