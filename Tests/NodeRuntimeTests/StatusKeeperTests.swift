import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import Gateway
@testable import NodeRuntime

@Suite struct StatusKeeperTests {
    /// Runs a keeper; `body` posts to it, and is given what waits until the file is as wanted.
    func keeping(
        notifying manager: ServiceManager? = nil,
        _ body:
            @escaping @Sendable (StatusKeeper, @escaping ((NodeStatus) -> Bool) async throws -> NodeStatus) async throws
            -> Void
    ) async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let keeper = try StatusKeeper(
                directory: scratch.path, deviceID: "d", manager: manager, timekeeper: loop, log: .silent)
            let watch = try DirectoryWatch(scratch.path, on: loop)
            func wait(_ isMet: (NodeStatus) -> Bool) async throws -> NodeStatus {
                while true {
                    let status = try JSON.decode(
                        NodeStatus.self, from: try StateFile.read(scratch.file("status.json")))
                    if isMet(status) { return status }
                    try await watch.next()
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await keeper.run(watching: { [] }) }
                try await body(keeper, wait)
                group.cancelAll()
            }
            #expect(try await wait { _ in true }.state == .stopping)
        }
    }

    func invocation(_ number: Int) -> LinkEvent {
        .invoked(
            InvocationRecord(
                id: "secret-id", command: "camera.snap", outcome: number % 3 == 0 ? "UNAVAILABLE" : "ok",
                duration: .microseconds(1500), bytes: number))
    }

    @Test("a runtime directory that goes comes back with the next status") func vanished() async throws {
        let scratch = try ScratchFolder()
        let directory = scratch.file("run")
        try await onEventLoop { loop in
            let keeper = try StatusKeeper(directory: directory, deviceID: "d", timekeeper: loop, log: .silent)
            try call { unlink(directory + "/status.json") }
            try call { rmdir(directory) }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await keeper.run(watching: { [] }) }
                group.cancelAll()
            }
            let status = try JSON.decode(NodeStatus.self, from: try StateFile.read(directory + "/status.json"))
            #expect(status.state == .stopping)
        }
    }

    @Test(
        "the file does not wait for a systemd that does not listen, and neither does the end", .timeLimit(.minutes(5)))
    func deaf() async throws {
        let scratch = try ScratchFolder()
        try await onEventLoop { loop in
            let socket = try NotifySocket(scratch.file("notify"), on: loop)
            try socket.fill()
            try await keeping(
                notifying: ServiceManager(variables: ["NOTIFY_SOCKET": scratch.file("notify")])
            ) { keeper, wait in
                keeper.post(invocation(1))
                _ = try await wait { $0.invocations.total == 1 }
                keeper.post(invocation(2))
                _ = try await wait { $0.invocations.total == 2 }
            }
        }
    }

    @Test("invocations are counted, the last ten are told, newest first, by their outsides only") func invocations()
        async throws
    {
        try await keeping { keeper, wait in
            for number in 1...12 { keeper.post(invocation(number)) }
            let status = try await wait { $0.invocations.total == 12 }
            #expect(status.invocations.refused == 4)
            #expect(status.invocations.outcomes == ["ok": 8, "UNAVAILABLE": 4])
            #expect(status.invocations.recent.map(\.bytes) == (3...12).reversed().map { $0 })
            #expect(status.invocations.recent.first?.outcome == "UNAVAILABLE")
            #expect(status.invocations.recent.first?.durationMs == 1.5)
            let text = String(decoding: try JSON.encode(status), as: UTF8.self)
            #expect(!text.contains("secret-id"))
        }
    }

    @Test("what had to be switched on has a record of its own, which other invocations do not push out") func usage()
        async throws
    {
        try await keeping { keeper, wait in
            for number in 1...11 { keeper.post(invocation(number)) }
            for _ in 1...20 {
                keeper.post(
                    .invoked(
                        InvocationRecord(
                            id: "i", command: "device.info", outcome: "ok", duration: .zero, bytes: 1)))
            }
            let status = try await wait { $0.invocations.total == 31 }
            let usage = try #require(status.usage.first)
            #expect(status.usage.count == 1 && usage.capability == "camera")
            #expect(usage.count == 11 && usage.bytes == (1...11).reduce(0, +))
            #expect(usage.recent.map(\.bytes) == (2...11).reversed().map { $0 })
            #expect(usage.recent.allSatisfy { $0.command == "camera.snap" && $0.atMs > 0 })
        }
    }

    @Test("what the gateway speaks is told before it has let anybody in") func dialect() async throws {
        let gateway = try GatewayEndpoint("ws://127.0.0.1:5")
        try await keeping { keeper, wait in
            await keeper.joined(gateway, caps: [], commands: [])
            keeper.post(.recognised(.goclaw))
            let status = try await wait { $0.gateway?.dialect != nil }
            #expect(status.gateway?.dialect == "goclaw")
        }
    }

    func hello() throws -> Hello {
        try Hello(
            Array(
                """
                {"type":"res","id":"1","ok":true,"payload":{"type":"hello-ok","protocol":4,
                "server":{"version":"2026.4.1","connId":"c"},"policy":{"tickIntervalMs":30000}}}
                """.utf8))
    }

    @Test("connections that are made again are counted, and approvals told as far as they can be known")
    func approvals()
        async throws
    {
        let hello = try hello()
        let approval = Condition(id: "device-approval", severity: .warning, summary: "approve")
        let surface = Condition(id: "surface-approval", severity: .note, summary: "perhaps")
        let rejected = Condition(id: "pairing-rejected", severity: .error, summary: "no")
        @Sendable func known(
            _ device: NodeStatus.Approvals.Device, _ surface: NodeStatus.Approvals.Surface
        ) -> NodeStatus.Approvals { NodeStatus.Approvals(device: device, surface: surface) }
        try await keeping { keeper, wait in
            keeper.post(.connecting)
            #expect(try await wait { $0.state == .connecting }.approvals == known(.unknown, .unknown))
            keeper.post(.waiting(approval, isApproval: true, retryIn: .seconds(2)))
            #expect(try await wait { $0.state == .approval }.approvals == known(.waiting, .unknown))
            keeper.post(.raised(surface))
            keeper.post(.connected(hello))
            let first = try await wait { $0.state == .connected }
            #expect(first.approvals == known(.approved, .unknown) && first.reconnects == 0)
            keeper.post(.cleared(conditionID: "surface-approval"))
            _ = try await wait { $0.approvals == known(.approved, .approved) }
            keeper.post(.waiting(rejected, isApproval: false, retryIn: .seconds(300)))
            _ = try await wait { $0.approvals == known(.rejected, .approved) }
            keeper.post(.connected(hello))
            #expect(try await wait { $0.state == .connected }.reconnects == 1)
        }
    }

    @Test("which of a gateway's addresses answers is told, where it is not the preferred one")
    func addresses() async throws {
        let preferred = try GatewayEndpoint("wss://a")
        try await keeping { keeper, wait in
            await keeper.joined(preferred, caps: [], commands: [])
            keeper.post(.reached(try GatewayEndpoint("wss://b")))
            #expect(try await wait { $0.gateway?.via != nil }.gateway?.via == "wss://b:443")
            keeper.post(.reached(preferred))
            #expect(try await wait { $0.gateway?.via == nil }.gateway?.url == "wss://a:443")
        }
    }

    @Test("what the gateway asks for is told once, in the order in which it was declared, and nothing else is")
    func asked() async throws {
        let gateway = try GatewayEndpoint("ws://127.0.0.1:1")
        try await keeping { keeper, wait in
            await keeper.joined(
                gateway, caps: ["device", "camera"], commands: ["device.info", "camera.snap", "camera.list"])
            for command in ["camera.snap", "no.such", "device.info", "camera.snap"] {
                keeper.post(
                    .invoked(
                        InvocationRecord(id: "i", command: command, outcome: "ok", duration: .zero, bytes: 1)))
            }
            let status = try await wait { $0.invocations.total == 4 }
            #expect(status.declared.asked == ["device.info", "camera.snap"])
        }
    }

    @Test("what happened in 1970 was a moment ago, once the clock is right") func clockSet() async throws {
        let scratch = try ScratchFolder()
        // To the keeper it is the same whether the wall clock jumps ahead of the other or that one falls back.
        let clock = HandClock()
        try await onEventLoop { loop in
            let keeper = try StatusKeeper(directory: scratch.path, deviceID: "d", timekeeper: clock, log: .silent)
            let watch = try DirectoryWatch(scratch.path, on: loop)
            func wait(for total: Int) async throws -> NodeStatus {
                while true {
                    let status = try JSON.decode(
                        NodeStatus.self, from: try StateFile.read(scratch.file("status.json")))
                    if status.invocations.total == total { return status }
                    try await watch.next()
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await keeper.run(watching: { [] }) }
                keeper.post(invocation(1))
                let before = try await wait(for: 1)
                await clock.sleepers(1)
                clock.advance(by: .seconds(3600))
                keeper.post(invocation(2))
                let after = try await wait(for: 2)
                let shift = after.invocations.recent[1].atMs - before.invocations.recent[0].atMs
                #expect(abs(shift + 3_600_000) < 60_000)
                #expect(after.usage[0].recent[1] == after.invocations.recent[1])
                // It tells this daemon from the next one.
                #expect(after.startedAtMs == before.startedAtMs)
                group.cancelAll()
            }
        }
    }

    @Test("the status of a daemon of an older release is understood") func older() throws {
        let text = """
            {"conditions":[],"declared":{"caps":[],"commands":[]},"invocations":{"recent":[],"refused":0,"total":0},
            "pid":7,"startedAtMs":5,"state":"connected","usage":[],"version":"0.0.9","workers":[]}
            """
        let status = try JSON.decode(NodeStatus.self, from: Array(text.utf8))
        #expect(status.version == "0.0.9" && status.approvals == nil && status.reconnects == nil)
    }

    @Test("the reason for not being connected goes when we are, what else is wrong stays until it is mended")
    func conditions() async throws {
        let hello = try hello()
        let approval = Condition(id: "device-approval", severity: .warning, summary: "approve", remedy: "do")
        let full = Condition(id: "state-unwritable", severity: .error, summary: "full")
        try await keeping { keeper, wait in
            keeper.post(.raised(full))
            keeper.post(.waiting(approval, isApproval: true, retryIn: .seconds(5)))
            let waiting = try await wait { $0.state == .approval }
            #expect(waiting.conditions == [full, approval])
            #expect(waiting.retryAtMs != nil && waiting.connectedAtMs == nil)
            #expect(waiting.summary == "waiting-for-approval: full")

            keeper.post(.connected(hello))
            let connected = try await wait { $0.state == .connected }
            #expect(connected.conditions == [full])
            #expect(connected.retryAtMs == nil && connected.connectedAtMs != nil)

            keeper.post(.cleared(conditionID: "state-unwritable"))
            #expect(try await wait { $0.conditions.isEmpty }.summary == "connected")
        }
    }

    @Test("a directory that cannot be made stops the start with its path") func unwritable() throws {
        #expect(throws: StateError.unwritable(path: "/proc/clawnode", Errno(ENOENT))) {
            try StatusKeeper(directory: "/proc/clawnode", deviceID: "d", timekeeper: HandClock(), log: .silent)
        }
    }
}
