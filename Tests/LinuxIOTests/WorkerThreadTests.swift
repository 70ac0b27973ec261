import Glibc
import NodeTesting
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(5))) struct WorkerThreadTests {
    /// An actor that blocks.
    private actor Blocker {
        private let thread: WorkerThread
        private var count = 0

        init(_ name: String = "test-blocker") {
            thread = WorkerThread(name: name)
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        func name() -> String { threadName() }

        func increment() -> Int {
            let old = count
            sched_yield()
            count = old + 1
            return count
        }

        func wait(for wakeup: Wakeup) -> Wakeup.Outcome? {
            try? wakeup.waitUntilReadable(wakeup.descriptor, deadline: nil)
        }
    }

    @Test("an actor's work runs on its own thread, which has its name")
    func thread() async throws {
        let name = await Blocker().name()
        #expect(name == "test-blocker\n")
        let caller = try await onEventLoop { _ in
            _ = await Blocker().name()
            return threadName()
        }
        #expect(caller == "test loop\n")
    }

    @Test("the work of one actor does not overlap")
    func serial() async {
        let blocker = Blocker()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { _ = await blocker.increment() } }
        }
        #expect(await blocker.increment() == 1001)
    }

    @Test("while an actor blocks, the loop that asked goes on")
    func loopGoesOn() async throws {
        let outcome = try await onEventLoop { loop in
            let wakeup = try Wakeup()
            let blocker = Blocker()
            async let blocked = blocker.wait(for: wakeup)
            for _ in 0..<10 { try await loop.sleep(for: .microseconds(100)) }
            wakeup.signal()
            return await blocked
        }
        #expect(outcome == .signalled)
    }

    @Test("a thread begins when it has something to do") func begins() async {
        let blockers = (0..<50).map { _ in Blocker("test-begins") }
        // By then those would have begun, too.
        _ = await Blocker().increment()
        #expect(threads(named: "test-begins") == 0)
        for blocker in blockers { _ = await blocker.increment() }
        withExtendedLifetime(blockers) { #expect(threads(named: "test-begins") == 50) }
    }

    @Test("a thread ends when nobody has its executor any more")
    func ends() async throws {
        for _ in 0..<200 { _ = await Blocker("test-ends").increment() }
        // The last ones may be on their way out.
        #expect(threads(named: "test-ends") < 100)
    }

    private func threads(named name: String) -> Int {
        guard let directory = opendir("/proc/self/task") else { return .max }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let id = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            // A thread that has ended since is none of that name.
            let comm = (try? StateFile.read("/proc/self/task/\(id)/comm")) ?? []
            if comm == Array((name + "\n").utf8) { count += 1 }
        }
        return count
    }

    @Test("a cancelled task does not wait for work that may be abandoned", arguments: [true, false])
    func abandoned(isEarly: Bool) async throws {
        let wakeup = try Wakeup()
        let outcome = try await onEventLoop { _ in
            await withTaskGroup(of: Bool?.self) { group in
                group.addTask {
                    await onAbandonableThread("hangs") {
                        (try? wakeup.waitUntilReadable(wakeup.descriptor, deadline: nil)) != nil  // either is an answer
                    }
                }
                if !isEarly { await Task.yield() }
                group.cancelAll()
                return await group.next()
            }
        }
        #expect(outcome == .some(nil))
        wakeup.signal()
    }

    @Test("work that may be abandoned gives its result to who waits")
    func notAbandoned() async {
        #expect(await onAbandonableThread("short") { 7 } == 7)
    }

    @Test("one piece of blocking work runs on a thread with a name cut to what the kernel takes")
    func ownThread() async {
        let name = await onOwnThread("a name that is long") { threadName() }
        #expect(name == "a name that is \n")
    }
}

/// As the kernel has it, with a line break.
private func threadName() -> String {
    // Always there on Linux; an empty name would be seen.
    String(decoding: (try? StateFile.read("/proc/thread-self/comm")) ?? [], as: UTF8.self)
}
