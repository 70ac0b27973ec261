import DBus
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing

/// The daemon with the kernel's own network messages, and with a logind that is somebody else's program on a real bus.
@Suite(.timeLimit(.minutes(5))) struct WakingTests {
    @Test(
        "a daemon without a network dials as soon as there is one, and says why",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func network() async throws {
        try await Prompt.run { prompt in
            let folder = prompt.scratch.path
            // In such a network nobody answers at first, not even the machine itself.
            let script = """
                said() { until grep -q "$1" \(folder)/log; do sleep 0.05; done; }
                "$0" run --gateway ws://127.0.0.1:18789 --log-level debug 2>\(folder)/log & daemon=$!
                said "Not connected"
                said "Trying again"
                ip link set lo up
                said "Trying again early because=.lo "
                kill -TERM $daemon
                wait $daemon
                """
            let words = PrivateNetwork.words(script, [Stage.program])
            let end = try await prompt.run(
                words[0], Array(words.dropFirst()), variables: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
            #expect(end.code == 0, "\(end.talk)")
        }
    }

    @Test("a machine that resumes finds out that its connection is dead; a new bus is listened to like the one before")
    func resume() async throws {
        try await Stage.run { stage in
            try await stage.withRelay { relay in
                let bus = try PrivateBus(on: stage.loop)
                try await bus.start()
                let log = try FileDescriptor(
                    opening: stage.scratch.file("log"), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
                let daemon = try ChildProcess.spawn(
                    Stage.program, arguments: ["run"] + stage.way(through: relay) + stage.files,
                    environment: bus.variables, descriptors: [(log.raw, as: 2)], on: stage.loop)
                do {
                    try await Self.resumeTwice(stage, relay, bus)
                    daemon.signal(SIGTERM)
                    #expect(try await daemon.wait() == .exited(0), "\(stage.log)")
                } catch {
                    daemon.signal(SIGKILL)
                    throw error
                }
            }
        }
    }

    private static func resumeTwice(_ stage: Stage, _ relay: CuttingRelay, _ bus: PrivateBus) async throws {
        var events = stage.gateway.events.reader()
        let node = try await stage.hello(&events)
        for round in 0..<2 {
            if round > 0 { try await bus.start() }
            let began = events
            relay.freeze()
            // The gateway gives up first; the node cannot hear that.
            await stage.gateway.reset(node.id)
            events = try await Bus.with(BusAddress(socket: bus.socket), on: stage.loop) { connection in
                let logind = try await logind(bus, connection)
                let after = try await resume(connection, stage, began)
                await logind.end()
                return after
            }
            bus.stop()
        }
    }

    /// Returns once it has its name.
    private static func logind(_ bus: PrivateBus, _ connection: Bus) async throws -> ChildProcess {
        let rule = SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
        var owners = try await connection.signals(rule).makeAsyncIterator()
        let logind = try bus.mock(["--template", "logind"])
        while let owner = await owners.next(), owner.body.first?.text != "org.freedesktop.login1" {}
        return logind
    }

    /// Has logind say that the machine has resumed until the node has let go of the frozen connection and is back on another:
    /// when it has begun to listen is not known. Where the gateway's events are then.
    private static func resume(
        _ connection: Bus, _ stage: Stage, _ events: EventFeed<GatewayEvent>.Reader
    ) async throws -> EventFeed<GatewayEvent>.Reader {
        try await withThrowingTaskGroup(of: EventFeed<GatewayEvent>.Reader.self) { group in
            group.addTask {
                var events = events
                _ = try await stage.hello(&events)
                return events
            }
            group.addTask {
                while true {
                    _ = try await connection.call(
                        "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.DBus.Mock", "EmitSignal",
                        [
                            .string("org.freedesktop.login1.Manager"), .string("PrepareForSleep"), .string("b"),
                            .array(of: "v", [.variant(.boolean(false))]),
                        ])
                    try await stage.loop.sleep(for: .milliseconds(200))
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? events
        }
    }
}
