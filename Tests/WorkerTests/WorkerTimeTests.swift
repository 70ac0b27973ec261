import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Worker

/// Deadlines, workers that do not react, and those that go.
@Suite("WorkerHost", .timeLimit(.minutes(5))) struct WorkerTimeTests {
    @Test("the deadline answers, a worker that stops is kept")
    func deadline() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = await probe.pid
            #expect(await probe.ask("wait", within: .milliseconds(300)).refusal == .timedOut)
            #expect(await probe.ask("echo").text == "{}")
            #expect(await probe.pid == first)
        }
    }

    @Test("work that cannot be stopped ends its worker, and nobody waits for that")
    func hang() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = try #require(await probe.pid)
            #expect(await probe.ask("hang", within: .milliseconds(300)).refusal == .timedOut)
            #expect(await probe.pid == first)
            try await probe.ended(first)
            // The first one may still meet the worker in its last moment.
            _ = await probe.ask("echo")
            #expect(await probe.ask("echo").text == "{}")
        }
    }

    @Test("a worker whose loop is stuck is found out and replaced")
    func stick() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = try #require(await probe.pid)
            #expect(await probe.ask("stick", within: .milliseconds(300)).refusal == .timedOut)
            // This one is given to the stuck worker, and to another when that is given up.
            #expect(await probe.ask("echo").text == "{}")
            try await probe.ended(first)
        }
    }

    @Test("a worker that is stopped dead takes along what it has begun, and nothing else")
    func stopped() async throws {
        try await Probe.run { probe in
            async let begun = probe.ask("wait")
            while await probe.host.status.running == 0 { await Task.yield() }
            // What was asked earlier has begun, too.
            #expect(await probe.ask("echo").text == "{}")
            let first = try #require(await probe.pid)
            kill(first, SIGSTOP)
            let answers = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<3 { group.addTask { await probe.ask("echo").text } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers == ["{}", "{}", "{}"])
            #expect(await begun.refusal?.message.contains("(it does not react)") == true)
            try await probe.ended(first)
            #expect(await probe.host.status.crashes == 1)
        }
    }

    @Test("a worker that is stopped dead costs the call that ran out of time, and not the next")
    func stoppedShort() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            kill(try #require(await probe.pid), SIGSTOP)
            #expect(await probe.ask("echo", within: .milliseconds(300)).refusal == .timedOut)
            #expect(await probe.ask("echo").text == "{}")
        }
    }

    @Test("a cancelled asker is answered at once")
    func cancelled() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let reply = await withTaskGroup(of: Reply.self) { group in
                group.addTask { await probe.ask("wait") }
                group.cancelAll()
                return await group.next()
            }
            #expect(reply?.refusal == .cancelled)
            #expect(await probe.host.status.running == 0)
        }
    }

    @Test("a worker with nothing to do goes, which is no crash, and the next call gets another")
    func linger() async throws {
        try await Probe.run(linger: 50) { probe in
            _ = await probe.ask("echo")
            // The host may have seen it go already; the lock's file stays.
            let first = try #require(probe.locks.names.first.flatMap { pid_t($0) })
            try await probe.ended(first)
            #expect(await probe.host.status == WorkerHost.Status(name: "worker-probe", running: 0, crashes: 0))
            #expect(await probe.ask("echo").text == "{}")
            #expect(probe.locks.names.count == 2)
        }
    }

    @Test("no invocation is lost to a worker that is just going")
    func lingerRace() async throws {
        try await Probe.run(linger: 1) { probe in
            for number in 0..<100 {
                #expect(await probe.ask("echo", "\(number)").text == "\(number)")
                // From no pause at all to longer than the worker stays.
                try await probe.loop.sleep(for: .microseconds(number * 30))
            }
            #expect(await probe.host.status.crashes == 0)
        }
    }

    @Test("a worker that is asked to stop finishes what it has, and what it has not read goes to another")
    func terminated() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = try #require(await probe.pid)
            async let slow = probe.ask("slow")
            #expect(await probe.ask("echo").text == "{}")
            kill(first, SIGTERM)
            var pids: Set<pid_t?> = [first]
            while pids.count == 1 {
                #expect(await probe.ask("echo").text == "{}")
                pids.insert(await probe.pid)
            }
            #expect(await slow.text == "{}")
            #expect(await probe.host.status.crashes == 0)
        }
    }

    @Test("the worker ends with the daemon's interest in it")
    func hungUp() async throws {
        let lock = try await Probe.run { probe in
            _ = await probe.ask("echo")
            let pid = try #require(await probe.pid)
            return open(probe.locks.file("\(pid)"), O_RDWR | O_CLOEXEC)
        }
        // Had only when the worker, which held it, is no more.
        let status = await onOwnThread("lock") { flock(lock, LOCK_EX) }
        #expect(status == 0)
        close(lock)
    }
}
