import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Worker

@Suite("WorkerHost", .timeLimit(.minutes(5))) struct WorkerHostTests {
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

    @Test("what a worker raises is known until it clears it, or ends") func conditions() async throws {
        try await Probe.run { probe in
            #expect(await probe.host.conditions.isEmpty)
            _ = await probe.ask("raise")
            _ = await probe.ask("raise")
            // It may come after the reply.
            while await probe.host.conditions.isEmpty { await Task.yield() }
            #expect(await probe.host.conditions.map(\.id) == ["test"])
            _ = await probe.ask("crash")
            #expect(await probe.host.conditions.isEmpty)
        }
    }

    @Test("a worker is told which capabilities are on when it is asked, and that is none unless somebody says so")
    func capabilities() async throws {
        try await Probe.run { probe in
            #expect(await probe.ask("microphone").text == "false")
            let name: CommandName = "probe.microphone"
            let handler = Handler(forwarding: name, capabilities: { ["camera", "microphone"] }) { probe.host }
            let context = InvocationContext(
                id: "1", deadline: nil, payloadLimit: 1 << 20, timekeeper: probe.loop, log: .silent)
            let reply = await handler.perform(Invocation(id: "1", command: name, payloadLimit: 1 << 20), context)
            #expect(reply.text == "true")
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
