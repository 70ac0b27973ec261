import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Worker

@Suite("WorkerHost", .timeLimit(.minutes(1))) struct WorkerHostTests {
    @Test("no worker runs before the first invocation, one worker serves many, and nothing is counted as a crash")
    func onDemand() async throws {
        try await Probe.run { probe in
            #expect(await probe.host.status == WorkerHost.Status(name: "worker-probe", running: 0, crashes: 0))
            #expect(await probe.ask("echo", #"{"a":1}"#).text == #"{"a":1}"#)
            let first = await probe.pid
            #expect(first != nil)
            #expect(await probe.ask("echo").text == "{}")
            #expect(await probe.pid == first)
            #expect(await probe.host.status.crashes == 0)
        }
    }

    @Test("a hundred invocations at once are answered each with its own reply")
    func concurrent() async throws {
        try await Probe.run { probe in
            let texts = await withTaskGroup(of: (Int, String?).self) { group in
                for number in 0..<100 {
                    group.addTask { (number, await probe.ask("echo", #"{"number":\#(number)}"#).text) }
                }
                return await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
            }
            #expect(texts == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, #"{"number":\#($0)}"#) }))
        }
    }

    @Test("a crash answers what is waiting, with the signal, and the next call starts a fresh worker")
    func crash() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = await probe.pid
            async let waiting = probe.ask("wait")
            // Under way before the other is asked.
            while await probe.host.status.running == 0 { await Task.yield() }
            let crashed = await probe.ask("crash")
            let refusal = Refusal(
                .unavailable, "worker-probe ended unexpectedly (signal 11); the next call starts a fresh one")
            #expect(crashed.refusal == refusal)
            #expect(await waiting.refusal == refusal)
            #expect(await probe.pid == nil)
            #expect(await probe.ask("echo").text == "{}")
            let second = await probe.pid
            #expect(second != nil && second != first)
            #expect(await probe.host.status.crashes == 1)
        }
    }

    @Test("a worker that exits instead of answering is told with its status")
    func exit() async throws {
        try await Probe.run { probe in
            let reply = await probe.ask("exit")
            #expect(reply.refusal?.message.contains("(status 7)") == true)
        }
    }

    @Test("what cannot be read ends the worker", arguments: ["garbage", "oversized", "unsealed"])
    func malformed(ability: String) async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = try #require(await probe.pid)
            let reply = await probe.ask(ability)
            #expect(reply.refusal?.code == .unavailable)
            #expect(reply.refusal?.message.hasPrefix("worker-probe ended unexpectedly (") == true, "\(reply)")
            #expect(await probe.ask("echo").text == "{}")
            try await probe.ended(first)
        }
    }

    @Test("a worker that is dismissed ends, which is no crash, and the next call starts another")
    func dismissed() async throws {
        try await Probe.run { probe in
            _ = await probe.ask("echo")
            let first = try #require(await probe.pid)
            async let waiting = probe.ask("wait")
            while await probe.host.status.running == 0 { await Task.yield() }
            await probe.host.dismiss()
            #expect(await waiting.refusal == Refusal(.unavailable, "worker-probe was dismissed; ask again"))
            try await probe.ended(first)
            #expect(await probe.ask("echo").text == "{}")
            #expect(await probe.host.status.crashes == 0)
        }
    }

    @Test("a worker that keeps failing at once is not started at every call")
    func storm() async throws {
        try await Probe.run { probe in
            for _ in 0..<3 { _ = await probe.ask("exit") }
            let reply = await probe.ask("exit")
            #expect(reply.refusal?.message.hasPrefix("worker-probe keeps ending") == true)
            #expect(await probe.host.status.crashes == 3)
        }
    }

    @Test("a program that is missing is named, with its package")
    func missing() async throws {
        try await Probe.run("clawnode-nothing") { probe in
            let refusal = await probe.ask("echo").refusal
            #expect(refusal?.code == .unavailable)
            #expect(refusal?.message.contains("/usr/libexec/clawnode/clawnode-nothing") == true)
            #expect(refusal?.message.contains("apt install clawnode-nothing") == true)
        }
    }

    // MARK: Time

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

    // MARK: What a worker has

    @Test("a worker has its channel and the standard three, no input, and no other descriptor of ours")
    func descriptors() async throws {
        try await Probe.run { probe in
            // Without these the test could not tell a leak from its absence.
            let leak = open("/dev/null", O_RDONLY)
            defer { close(leak) }
            _ = await probe.ask("echo")
            let pid = try #require(await probe.pid)
            var links: [Int: String] = [:]
            for number in 0..<64 {
                var target = [CChar](repeating: 0, count: 256)
                if readlink("/proc/\(pid)/fd/\(number)", &target, 255) > 0 {
                    links[number] = target.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
                }
            }
            #expect(links[0] == "/dev/null")
            #expect(links[1] == links[2])
            #expect(links[3]?.hasPrefix("socket:") == true)
            // The rest is what the probe opened itself.
            let own = links.filter { $0.key > 3 }.values
            let kinds = ["anon_inode:", "\(probe.locks.path)/"]
            #expect(own.allSatisfy { link in kinds.contains { link.hasPrefix($0) } }, "\(own)")
            #expect(getpgid(pid) == pid)
        }
    }

    @Test("the gateway's secrets and what systemd told us stay with us")
    func environment() async throws {
        let variables = [
            "HOME": "/root", "CLAWNODE_CONFIG": "/etc/x", "OPENCLAW_GATEWAY_TOKEN": "secret", "NOTIFY_SOCKET": "@n",
            "WATCHDOG_USEC": "1", "CREDENTIALS_DIRECTORY": "/c", "STATE_DIRECTORY": "/s", "LISTEN_FDS": "1",
        ]
        try await Probe.run(variables: variables) { probe in
            #expect(await probe.ask("environment").text == #"{"CLAWNODE_CONFIG":"/etc/x","HOME":"/root"}"#)
        }
    }
}
