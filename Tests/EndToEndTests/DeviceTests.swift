import DBus
import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// What the machine tells of itself, and what it is told to say, through a gateway.
@Suite struct DeviceTests {
    @Test("a newer gateway is told the machine's figures at once", arguments: Stage.Wire.allCases)
    func stats(_ wire: Stage.Wire) async throws {
        try await Stage.run(over: wire) { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                // Whether they are as gateways take them, the stage looks.
                let payload = try await events.first { event -> JSONValue?? in
                    if case .nodeEvent(_, "node.host.stats", let payload) = event { .some(payload) } else { nil }
                }
                #expect((payload?["memoryTotalBytes"]?.integer ?? 0) > 1 << 20)
                #expect((payload?["diskTotalBytes"]?.integer ?? 0) > 1 << 20)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
            }
        }
    }

    @Test("its status, its health and its permissions are told, and a pause among them") func told() async throws {
        var options = Stage.open()
        options.allowedCommands += ["device.status", "device.health", "device.permissions"]
        try await Stage.run(options) { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                _ = try await stage.hello(&events)
                let status = try (await stage.gateway.invoke("device.status")).payload()
                #expect((status["memory"]?["totalBytes"]?.integer ?? 0) > 1 << 20)
                #expect((status["storage"]?["totalBytes"]?.integer ?? 0) > 1 << 20)
                #expect(status["battery"]?["state"]?.string != nil && status["network"]?["status"]?.string != nil)
                let health = try (await stage.gateway.invoke("device.health")).payload()
                #expect((health["memory"]?["totalRamBytes"]?.integer ?? 0) > 1 << 20)
                let before = try (await stage.gateway.invoke("device.permissions")).payload()["permissions"]
                #expect(before?["camera"]?["status"]?.string == "granted")
                #expect(before?["microphone"]?["reason"]?.string?.contains("--enable microphone") == true)
                #expect(try await stage.ask("pause", "camera").status == .exited(0))
                let after = try (await stage.gateway.invoke("device.permissions")).payload()["permissions"]
                #expect(after?["camera"]?["status"]?.string == "denied")
                #expect(after?["camera"]?["reason"]?.string?.contains("clawnode resume camera") == true)
            }
        }
    }

    @Test("what is switched on, and whose way is barred, is denied with the line that opens it") func barred()
        async throws
    {
        try await Prompt.run { prompt in
            let cookies = prompt.scratch.file("cookies")
            try StateFile.write(cookies, [], durable: false)
            let words = ["-q", "-f", cookies, "add", ":0", ".", String(repeating: "0123", count: 8)]
            let xauth = try ChildProcess.spawn("/usr/bin/xauth", arguments: words, on: prompt.loop)
            #expect(try await xauth.wait() == .exited(0))
            let display = try await VirtualDisplay.start(["-auth", cookies], in: prompt.scratch, on: prompt.loop)
            let outcome: Result<Prompt.Ending, any Error>
            do {
                outcome = .success(
                    try await prompt.clawnode(
                        "invoke", "device.permissions", "--enable", "screen", variables: ["DISPLAY": display.name]))
            } catch { outcome = .failure(error) }
            await display.end(on: prompt.loop)
            let permissions = try JSONReader.read(Array(try outcome.get().answer.utf8))["permissions"]
            #expect(permissions?["screen"]?["status"]?.string == "denied")
            #expect(permissions?["screen"]?["reason"]?.string?.contains("xhost +si:localuser:") == true)
            #expect(permissions?["camera"]?["reason"]?.string?.contains("--enable camera") == true)
        }
    }

    @Test("a notification reaches the session's desktop, and is in no log") func notification() async throws {
        let service = "org.freedesktop.Notifications"
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            try await Bus.with(BusAddress(socket: bus.socket), on: loop) { connection in
                var owners = try await connection.signals(
                    SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
                ).makeAsyncIterator()
                let mock = try bus.mock([service, "/org/freedesktop/Notifications", service])
                defer { mock.signal(SIGKILL) }
                while await owners.next()?.body.first?.text != service {}
                for (name, takes, gives, code) in [
                    ("GetCapabilities", "", "as", "ret = ['body']"), ("Notify", "susssasa{sv}i", "u", "ret = 7"),
                ] {
                    _ = try await connection.call(
                        service, "/org/freedesktop/Notifications", "org.freedesktop.DBus.Mock", "AddMethod",
                        [.string(service), .string(name), .string(takes), .string(gives), .string(code)])
                }
                let address = bus.address
                try await Stage.run { stage in
                    try stage.configure("{\"capabilities\": {\"notify\": true}}")
                    let daemon = try stage.start(
                        ["DBUS_SESSION_BUS_ADDRESS=" + address, Stage.program, "run"] + stage.way(),
                        program: "/usr/bin/env")
                    defer { daemon.signal(SIGKILL) }
                    var events = stage.gateway.events.reader()
                    _ = try await stage.hello(&events)
                    let sent = await stage.gateway.invoke(
                        "system.notify", params: "{\"title\":\"Door\",\"body\":\"wide open\"}")
                    #expect(try sent.payload()["delivered"]?.string == "dbus")
                    #expect(await stage.gateway.invoke("system.notify").isSuccess == false)
                    daemon.signal(SIGTERM)
                    #expect(try await daemon.wait() == .exited(0), "\(stage.log)")
                    #expect(!stage.log.contains("wide open"))
                }
                let calls = try await connection.call(
                    service, "/org/freedesktop/Notifications", "org.freedesktop.DBus.Mock", "GetMethodCalls",
                    [.string("Notify")])
                #expect(calls.first?.elements?.count == 1)
            }
        }
    }

    @Test("notifications that are off say what switches them on") func disabled() async throws {
        try await Prompt.run { prompt in
            let off = try await prompt.clawnode("invoke", "system.notify", "{\"title\":\"Door\"}")
            #expect(off.code == 1 && off.answer.contains("NOTIFICATIONS_DISABLED"))
            #expect(off.answer.contains("--enable notify"))
        }
    }
}
