import DBus
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite("FailedUnits", .timeLimit(.minutes(5))) struct FailedUnitsTests {
    private static let service = "org.freedesktop.systemd1"
    private static let manager = service + ".Manager"
    private static let path = "/org/freedesktop/systemd1"

    /// A systemd of which just these have failed.
    private func systemd(_ bus: PrivateBus, _ connection: Bus, failed: [String]) async throws {
        _ = try await bus.mock([Self.service, Self.path, Self.manager], as: Self.service, connection)
        let units = failed.map { name in
            "('\(name)', 'of no matter', 'loaded', 'failed', 'failed', '', '/a/unit', 0, '', '/')"
        }
        let code = "ret = [\(units.joined(separator: ", "))] if args[0] == ['failed'] else None"
        _ = try await connection.call(
            Self.service, Self.path, "org.freedesktop.DBus.Mock", "AddMethod",
            [
                .string(Self.manager), .string("ListUnitsFiltered"), .string("as"), .string("a(ssssssouso)"),
                .string(code),
            ])
    }

    private func withBus(_ body: @escaping @Sendable (PrivateBus, Bus, EventLoop) async throws -> Void) async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            try await Bus.with(BusAddress(socket: bus.socket), on: loop) { try await body(bus, $0, loop) }
            bus.stop()
        }
    }

    @Test("systemd names them; no more than twenty are told, in order; without one nobody knows") func named()
        async throws
    {
        try await withBus { bus, connection, loop in
            let units = FailedUnits(SystemBus(variables: bus.variables, patience: .seconds(120), on: loop))
            #expect(await units.names() == nil)
            let names = (10..<32).map { "unit\($0).service" }
            try await systemd(bus, connection, failed: names.reversed())
            #expect(await units.names() == Array(names.prefix(20)))
        }
    }

    @Test("that none has failed is known") func none() async throws {
        try await withBus { bus, connection, loop in
            try await systemd(bus, connection, failed: [])
            let units = FailedUnits(SystemBus(variables: bus.variables, patience: .seconds(120), on: loop))
            #expect(await units.names() == [])
        }
    }

    @Test("a bus that says nothing is not waited for") func silent() async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            let silent = try SilentSocket(folder.file("bus"))
            let variables = ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + silent.path]
            let units = FailedUnits(SystemBus(variables: variables, patience: .milliseconds(20), on: loop))
            #expect(await units.names() == nil)
            withExtendedLifetime(silent) {}
        }
    }

    @Test("a gateway is told them with the machine's health") func offered() async throws {
        try await withBus { bus, connection, loop in
            try await systemd(bus, connection, failed: ["nginx.service"])
            var variables = bus.variables
            (variables["STATE_DIRECTORY"], variables["HOME"]) = ("/", "/nonexistent")
            let surroundings = Surroundings(variables: variables, isRoot: false)
            let sources = try ConfigurationSources(file: nil, options: [:], surroundings: surroundings)
            let offer = Offer(try Configuration(sources, surroundings), surroundings, loop: loop, log: .silent)
            let invocation = Invocation(id: "1", command: "device.health", payloadLimit: 1 << 20)
            var health = ""
            // A machine that is slow does without it in two seconds.
            while !health.contains(#""failedUnits":["nginx.service"]"#) {
                let reply = try await offer.perform(invocation, on: loop, log: .silent)
                health = String(decoding: try reply.outcome.get(), as: UTF8.self)
            }
        }
    }
}
