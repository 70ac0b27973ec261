import DBus
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeNotify

/// With the real dbus-daemon.
@Suite(.timeLimit(.minutes(5))) struct DesktopNoticesTests {
    private static let service = "org.freedesktop.Notifications"
    private static let path = "/org/freedesktop/Notifications"

    /// Runs `body` beside a service of that name, which `start` starts.
    private static func withService(
        _ bus: PrivateBus, on loop: EventLoop, _ start: @escaping @Sendable () async throws -> ChildProcess,
        _ body: @escaping @Sendable (Bus, DesktopNotices) async throws -> Void
    ) async throws {
        try await bus.start()
        let address = BusAddress(socket: bus.socket)
        try await Bus.with(address, on: loop) { connection in
            var owners = try await connection.signals(
                SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
            ).makeAsyncIterator()
            let child = try await start()
            while await owners.next()?.body.first?.text != service {}
            let outcome: Result<Void, any Error>
            do {
                // Whoever answers late in a test is not to be given up.
                try await body(connection, DesktopNotices(address: address, loop: loop, limit: .seconds(60)))
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await child.end()
            try outcome.get()
        }
    }

    @Test(
        "a daemon is told what the specification wants, with markup escaped where it has any",
        arguments: [("['body', 'body-markup']", "1 &lt; 2 &amp;&amp; 3 &gt; 2"), ("['body']", "1 < 2 && 3 > 2")])
    func told(abilities: String, body: String) async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await Self.withService(
                bus, on: loop, { try bus.mock([Self.service, Self.path, Self.service]) }
            ) { connection, desktop in
                let mock = "org.freedesktop.DBus.Mock"
                for (name, takes, gives, code) in [
                    ("GetCapabilities", "", "as", "ret = \(abilities)"), ("Notify", "susssasa{sv}i", "u", "ret = 7"),
                ] {
                    _ = try await connection.call(
                        Self.service, Self.path, mock, "AddMethod",
                        [.string(Self.service), .string(name), .string(takes), .string(gives), .string(code)])
                }
                let notice = try #require(
                    Notice(title: "<Door>", body: "1 < 2 && 3 > 2", priority: .timeSensitive, isSilent: true))
                try await desktop.show(notice)
                let calls = try await connection.call(
                    Self.service, Self.path, mock, "GetMethodCalls", [.string("Notify")])
                let call = try #require(calls.first?.elements?.first?.elements?.last?.elements)
                let words = call.map(\.text)
                #expect(words.count == 8 && words[0] == "clawnode" && words[3] == "<Door>" && words[4] == body)
                let known = try #require(call[6].dictionary)
                #expect(known["urgency"]?.integer == 2 && known["suppress-sound"]?.flag == true)
                #expect(known["category"]?.text == "im.received" && known["sound-name"] == nil)
                #expect(call[7].integer == -1)
            }
        }
    }

    @Test("it sounds as messages do") func sound() throws {
        let notice = try #require(Notice(title: "Door", body: ""))
        let hints = try #require(DesktopNotices.arguments(notice, hasMarkup: false)[6].dictionary)
        #expect(hints["sound-name"]?.text == "message-new-instant" && hints["suppress-sound"] == nil)
    }

    @Test("dunst shows it") func dunst() async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            let folder = bus.folder
            for pipe in ["display", "shown"] {
                try call { mkfifo(folder.file(pipe), 0o600) }
            }
            let script = "#!/bin/sh\nprintf '%s|' \"$2\" \"$3\" \"$5\" \"$DUNST_CATEGORY\" > \(folder.file("shown"))\n"
            try StateFile.write(folder.file("script"), Array(script.utf8), mode: 0o700, durable: false)
            let rules = "[global]\nmarkup = full\n[all]\nsummary = \"*\"\nscript = \(folder.file("script"))\n"
            try StateFile.write(folder.file("dunstrc"), Array(rules.utf8), durable: false)
            let screen = try ChildProcess.spawn(
                "/bin/sh",
                arguments: [
                    "-c", "exec Xvfb -displayfd 3 -screen 0 320x240x24 -nolisten tcp 3>\"$0\" 2>&1",
                    folder.file("display"),
                ], environment: ["PATH": "/usr/bin:/bin"], on: loop)
            let outcome: Result<Void, any Error>
            do {
                let display = try await Self.said(folder.file("display"))
                try await Self.withService(bus, on: loop) {
                    try ChildProcess.spawn(
                        "/usr/bin/dunst", arguments: ["-config", folder.file("dunstrc")],
                        environment: [
                            "DISPLAY": ":" + display, "DBUS_SESSION_BUS_ADDRESS": bus.address, "HOME": folder.path,
                            "PATH": "/usr/bin:/bin",
                        ], on: loop)
                } _: { _, desktop in
                    let notice = try #require(Notice(title: "Door", body: "<b>open</b> & cold", priority: .passive))
                    async let shown = Self.said(folder.file("shown"))
                    try await desktop.show(notice)
                    #expect(try await shown == "Door|&lt;b&gt;open&lt;/b&gt; &amp; cold|LOW|im.received|")
                }
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await screen.end()
            try outcome.get()
        }
    }

    /// What somebody writes into a pipe with a name, once closed.
    private static func said(_ pipe: String) async throws -> String {
        let bytes = await onAbandonableThread("pipe") { try? StateFile.read(pipe) }
        guard case .some(.some(let text)) = bytes else {
            Issue.record("\(pipe) cannot be read")
            return ""
        }
        return String(decoding: text, as: UTF8.self).filter { $0 != "\n" }
    }

    @Test("a bus without such a service is told of, and so is one that does not answer") func refused() async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            let notice = try #require(Notice(title: "a", body: ""))
            try await bus.start()
            let desktop = DesktopNotices(address: BusAddress(socket: bus.socket), loop: loop, limit: .seconds(60))
            let unknown = await Self.failure { try await desktop.show(notice) }
            guard case .refused("org.freedesktop.DBus.Error.ServiceUnknown", _)? = unknown else {
                Issue.record("\(String(describing: unknown))")
                return
            }
            let silent = try SilentSocket(bus.folder.file("silent"))
            let hung = DesktopNotices(address: BusAddress(socket: silent.path), loop: loop, limit: .milliseconds(50))
            #expect(await Self.failure { try await hung.show(notice) } == .timedOut)
            withExtendedLifetime(silent) {}
            let nowhere = DesktopNotices(address: nil, loop: loop)
            #expect(await Self.failure { try await nowhere.show(notice) } != nil)
        }
    }

    private static func failure(_ body: () async throws -> Void) async -> BusError? {
        do { try await body() } catch { return error as? BusError }
        return nil
    }
}
