import DBus
import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// A daemon that is in nobody's session, and the media worker that comes to it out of one.
@Suite(.timeLimit(.minutes(5))) struct SessionWorkerTests {
    /// Runs `body` beside a session: a desktop, and a worker of its own that dials in for as long as it lasts.
    func session(_ body: @escaping @Sendable (Stage, ChildProcess) async throws -> Void) async throws {
        var options = Stage.open()
        options.allowedCommands += ["screen.list", "screen.snapshot", "screen.record", "system.notify"]
        try await Stage.run(options) { stage in
            try stage.configure(
                #"{"capabilities": {"screen": true, "notify": true}, "sessions": {"allow": ["\#(getuid())"]}, "screen": {"display": ":9999"}}"#
            )
            let folder = try ScratchFolder()
            let display = try await VirtualDisplay.start(in: folder, on: stage.loop)
            let worker = try Self.dialIn(stage, display)
            let result: Result<Void, any Error>
            do { result = .success(try await body(stage, worker)) } catch { result = .failure(error) }
            worker.signal(SIGTERM)
            _ = try await worker.wait()
            await display.end(on: stage.loop)
            try result.get()
        }
    }

    static func dialIn(_ stage: Stage, _ display: VirtualDisplay) throws -> ChildProcess {
        let log = try FileDescriptor(
            opening: stage.scratch.file("session.log"), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        // What is in the test's own configuration is the daemon's.
        return try ChildProcess.spawn(
            Stage.program + "-media", arguments: ["--dial-in", stage.scratch.file("run/workers.sock")],
            environment: [
                "DISPLAY": display.name, "HOME": "/nonexistent", "PATH": "/usr/bin:/bin",
                "DBUS_SESSION_BUS_ADDRESS": "unix:path=" + stage.scratch.file("bus"),
            ],
            descriptors: [(log.raw, as: 2)], on: stage.loop)
    }

    private func members(_ status: String) -> [JSONValue] {
        (try? JSONReader.read(Array(status.utf8))["sessions"]?.array) ?? []
    }

    @Test(
        "a session's screen is shown through its own worker, which is in the status and comes back to the next daemon")
    func shown() async throws {
        try await session { stage, worker in
            var events = stage.gateway.events.reader()
            for _ in 0..<2 {
                try await stage.withDaemon { _ in
                    _ = try await stage.hello(&events)
                    let status = try await stage.status { !members($0).isEmpty }
                    #expect(members(status).first?["uid"]?.integer == Int(getuid()))
                    let list = await stage.gateway.invoke("screen.list")
                    #expect(list.isSuccess, "\(list)")
                    let picture = await stage.gateway.invoke("screen.snapshot")
                    #expect(picture.isSuccess, "\(picture)")
                    let (_, told) = try await stage.ask("status")
                    #expect(told.contains("\nsession      ") && told.contains(" (\(getuid())): "), "\(told)")
                    let lines = try await stage.ask("doctor", "--json")
                    #expect(lines.answer.contains("shown by the session of "), "\(lines.answer)")
                }
            }
            worker.signal(SIGTERM)
            #expect(try await worker.wait() == .exited(0))
        }
    }

    @Test("when the session goes while it is recorded that is said at once, and the daemon's connection stays")
    func killed() async throws {
        try await session { stage, worker in
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                _ = try await stage.hello(&events)
                try await stage.status { !members($0).isEmpty }
                async let clip = stage.gateway.invoke(
                    "screen.record", params: #"{"durationMs":15000,"includeAudio":false}"#)
                // Only a recording has an encoder.
                while try !Self.hasChild(worker.pid) { try await stage.loop.sleep(for: .milliseconds(20)) }
                worker.signal(SIGKILL)
                guard case .failed("UNAVAILABLE", let message) = await clip.outcome else {
                    Issue.record("it was not refused")
                    return
                }
                #expect(message.contains("the session of ") && message.contains("ended before it had answered"))
                try await stage.status { members($0).isEmpty }
                // Where nobody is logged in the ordinary worker says what it sees.
                guard case .failed("UNAVAILABLE", let alone) = await stage.gateway.invoke("screen.list").outcome else {
                    Issue.record("it was not refused")
                    return
                }
                #expect(alone.contains(":9999"))
                #expect(await stage.isUndisturbed)
            }
        }
    }

    private static func hasChild(_ process: pid_t) throws -> Bool {
        // Any of its threads may have started it, and one that has just ended is none.
        try Directory.names(in: "/proc/\(process)/task").contains {
            ((try? StateFile.read("/proc/\(process)/task/\($0)/children")) ?? []).isEmpty == false
        }
    }

    @Test("a notification is shown by the session's desktop, and where that fails as ever") func notified() async throws
    {
        try await session { stage, _ in
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                _ = try await stage.hello(&events)
                try await stage.status { !members($0).isEmpty }
                let params = #"{"title":"Tea"}"#
                // Without a desktop; what the log is, is the machine's affair.
                let alone = await stage.gateway.invoke("system.notify", params: params)
                #expect(alone.isSuccess, "\(alone)")
                #expect(try alone.payload()["delivered"]?.string != "dbus")
                let bus = try PrivateBus(on: stage.loop)
                let desktop = try await Self.desktop(bus, on: stage.loop)
                try call { symlink(bus.socket, stage.scratch.file("bus")) }
                let shown = await stage.gateway.invoke("system.notify", params: params)
                #expect(shown.isSuccess, "\(shown)")
                #expect(try shown.payload()["delivered"]?.string == "dbus")
                await desktop.end()
                bus.stop()
            }
        }
    }

    /// What shows notifications there, once it does.
    private static func desktop(_ bus: PrivateBus, on loop: EventLoop) async throws -> ChildProcess {
        let (service, path) = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications")
        try await bus.start()
        return try await Bus.with(BusAddress(socket: bus.socket), on: loop) { connection in
            let rule = SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
            var owners = try await connection.signals(rule).makeAsyncIterator()
            let child = try bus.mock([service, path, service])
            while let owner = await owners.next(), owner.body.first?.text != service {}
            for (name, takes, gives, code) in [
                ("GetCapabilities", "", "as", "ret = ['body']"), ("Notify", "susssasa{sv}i", "u", "ret = 7"),
            ] {
                _ = try await connection.call(
                    service, path, "org.freedesktop.DBus.Mock", "AddMethod",
                    [.string(service), .string(name), .string(takes), .string(gives), .string(code)])
            }
            return child
        }
    }

    @Test("nobody may come unless the owner has said who") func nobody() async throws {
        try await Stage.run { stage in
            var events = stage.gateway.events.reader()
            try await stage.withDaemon { _ in
                _ = try await stage.hello(&events)
                #expect(access(stage.scratch.file("run/workers.sock"), F_OK) != 0)
                #expect(try await stage.status { _ in true }.contains("sessions") == false)
            }
        }
    }
}
