import Glibc
import NodeTesting
import Synchronization
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct EventLoopTests {
    private struct Failure: Error, Equatable {}

    private actor Place {
        func thread() -> pthread_t { pthread_self() }
    }

    @Test("running gives what the body returns, and throws what it throws")
    func outcome() throws {
        let loop = try EventLoop()
        #expect(try loop.run { 7 } == 7)
        #expect(throws: Failure.self) { try loop.run { throw Failure() } }
    }

    @Test("tasks, their children and actors run on the loop's own thread")
    func oneThread() async throws {
        let threads = try await onEventLoop { _ in
            async let child = pthread_self()
            let place = Place()
            let group = await withTaskGroup(of: pthread_t.self) { group in
                for _ in 0..<3 { group.addTask { pthread_self() } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            return [pthread_self(), await child, await place.thread()] + group
        }
        #expect(threads.count == 6)
        #expect(Set(threads).count == 1)
    }

    @Test("a job from another thread wakes a loop that waits for nothing else")
    func crossThread() async throws {
        let values = try await onEventLoop { _ in
            var values: [Int] = []
            for number in 0..<100 { values.append(await onOwnThread("other") { number }) }
            return values
        }
        #expect(values == Array(0..<100))
    }

    @Test("jobs run in the order in which they came")
    func order() async throws {
        let order = try await onEventLoop { _ in
            let order = Order()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<1000 { group.addTask { order.add(number) } }
            }
            return order.all
        }
        #expect(order == Array(0..<1000))
    }

    private final class Order: Sendable {
        private let numbers = Mutex<[Int]>([])

        func add(_ number: Int) { numbers.withLock { $0.append(number) } }

        var all: [Int] { numbers.withLock { $0 } }
    }

    // MARK: Sleeping

    @Test("sleepers wake in the order of their deadlines, none too early")
    func sleeping() async throws {
        let (order, early) = try await onEventLoop { loop in
            let order = Order()
            let early = Order()
            let start = loop.now
            await withTaskGroup(of: Void.self) { group in
                for milliseconds in [30, 10, 20, 0, -5] {
                    group.addTask {
                        let deadline = start + .milliseconds(milliseconds)
                        try? await loop.sleep(until: deadline)  // nobody cancels
                        order.add(milliseconds)
                        if loop.now < deadline { early.add(milliseconds) }
                    }
                }
            }
            return (order.all, early.all)
        }
        #expect(Set(order.prefix(2)) == [0, -5])
        #expect(order.suffix(3) == [10, 20, 30])
        #expect(early.isEmpty)
    }

    @Test("a cancelled sleeper wakes at once, also when it was cancelled before it slept", arguments: [true, false])
    func cancelledSleep(isEarly: Bool) async throws {
        let isCancelled = try await onEventLoop { loop in
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await loop.sleep(for: .seconds(3600)) } catch { return error is CancellationError }
                    return false
                }
                if !isEarly { await Task.yield() }
                group.cancelAll()
                return await group.next()
            }
        }
        #expect(isCancelled == true)
    }

    @Test("a hundred thousand cancelled sleeps leave nothing behind")
    func noLeak() async throws {
        let (waiting, stored) = try await onEventLoop { loop in
            for _ in 0..<100 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<1000 {
                        group.addTask { try? await loop.sleep(for: .seconds(3600)) }  // ends by cancellation
                    }
                    await Task.yield()
                    group.cancelAll()
                }
            }
            return loop.sleepers
        }
        #expect(waiting == 0)
        #expect(stored <= 64)
    }

    @Test("a thousand sleepers from other executors wake, too")
    func foreignSleepers() async throws {
        let loop = try EventLoop()
        let stop = Order()
        async let running: Void = onOwnThread("loop") {
            // The body ends once the sleepers have.
            _ = try? loop.run { while stop.all.isEmpty { try await loop.sleep(for: .milliseconds(1)) } }
        }
        let woken = await withTaskGroup(of: Int.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    try? await loop.sleep(for: .microseconds(number))  // nobody cancels
                    return 1
                }
            }
            return await group.reduce(0, +)
        }
        stop.add(1)
        await running
        #expect(woken == 1000)
    }
}
