import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import DBus

/// With the real dbus-daemon, and services that are not ours.
@Suite(.timeLimit(.minutes(5))) struct BusTests {
    private static let thing = "org.example.Thing"
    private static let mock = "org.freedesktop.DBus.Mock"

    /// A bus, and a connection to it.
    private func bench<R: Sendable>(
        _ body: @escaping @Sendable (PrivateBus, Bus, EventLoop) async throws -> R
    ) async throws -> R {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            return try await Bus.with(BusAddress(socket: bus.socket), on: loop) { connection in
                try await body(bus, connection, loop)
            }
        }
    }

    /// Runs `body` beside a mocked service with one object.
    private func withThing(_ body: @escaping @Sendable (PrivateBus, Bus) async throws -> Void) async throws {
        try await bench { bus, connection, _ in
            var owners = try await connection.signals(
                SignalRule(sender: Bus.name, interface: Bus.name, member: "NameOwnerChanged")
            ).makeAsyncIterator()
            let service = try bus.mock([Self.thing, "/thing", Self.thing])
            while await owners.next()?.body.first?.text != Self.thing {}
            do { try await body(bus, connection) } catch {
                await service.end()
                throw error
            }
            await service.end()
        }
    }

    /// How a call was refused; nil when it was not, or failed otherwise.
    private static func refusal(_ body: () async throws -> Void) async -> (name: String, message: String)? {
        do { try await body() } catch BusError.refused(let name, let message) { return (name, message) } catch {}
        return nil
    }

    @Test("a bus that never pauses leaves the others their time, and is left in time") func torrent() async throws {
        var signal = BusMessage(.signal, serial: 7)
        (signal.path, signal.interface, signal.member) = ("/", "i.f", "m")
        signal.expectsReply = false
        try await Torrent.run(
            greeting: Array("OK 1\r\n".utf8), awaiting: Array("BEGIN\r\n".utf8), signal.bytes
        ) { folder, loop in
            let address = BusAddress(socket: folder.file("socket"))
            // How it is left is not asked here, only that it is.
            let isIn: Void? = await loop.within(.milliseconds(300)) { try? await Bus.with(address, on: loop) { _ in } }
            #expect(isIn == nil)
        }
    }

    @Test("the bus answers, in as many calls at once as one likes")
    func calls() async throws {
        try await bench { _, connection, _ in
            let names = try await connection.call(Bus.name, "/org/freedesktop/DBus", Bus.name, "ListNames")
            #expect(names.first?.elements?.contains(.string(Bus.name)) == true)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let answer = try await connection.call(
                            Bus.name, "/org/freedesktop/DBus", Bus.name, "NameHasOwner", [.string(Bus.name)])
                        return answer.first?.flag == true
                    }
                }
                for try await isOwned in group { #expect(isOwned) }
            }
        }
    }

    @Test("what goes wrong at the other end is told in its words, and the connection goes on")
    func refused() async throws {
        try await bench { _, connection, _ in
            let refusal = await Self.refusal {
                _ = try await connection.call("org.example.Nobody", "/", "org.example", "Do")
            }
            #expect(refusal?.name == "org.freedesktop.DBus.Error.ServiceUnknown")
            #expect(refusal?.message.contains("org.example.Nobody") == true)
            _ = try await connection.call(Bus.name, "/org/freedesktop/DBus", Bus.name, "GetId")
        }
    }

    @Test("values of every type go to a service in another language and come back as they went")
    func values() async throws {
        try await withThing { _, connection in
            let values: [BusValue] = [
                .byte(255), .boolean(true), .int16(-32_768), .uint16(65_535), .int32(-7), .uint32(4_000_000_000),
                .int64(.min), .uint64(.max), .double(-0.25), .string("Grüße, 世界"), .objectPath("/a/b"),
                .signature("a{sv}"), .array(of: "s", [.string("x"), .string("")]), .array(of: "t", []),
                .structure([.byte(1), .int64(2), .string("three")]),
                .array(of: "{sv}", [.entry(.string("key"), .variant(.array(of: "i", [.int32(1), .int32(2)])))]),
                .array(of: "(yd)", [.structure([.byte(1), .double(2)]), .structure([.byte(3), .double(4)])]),
            ]
            for (index, value) in values.enumerated() {
                _ = try await connection.call(
                    Self.thing, "/thing", Self.mock, "AddMethod",
                    [
                        .string(Self.thing), .string("Echo\(index)"), .string(value.signature),
                        .string(value.signature), .string("ret = args[0]"),
                    ])
                let answer = try await connection.call(Self.thing, "/thing", Self.thing, "Echo\(index)", [value])
                #expect(answer == [value])
            }
        }
    }

    @Test("signals that were asked for come, with what they carry, and no others")
    func signals() async throws {
        try await withThing { _, connection in
            let rule = SignalRule(sender: Self.thing, interface: Self.thing, member: "Moved")
            var moves = try await connection.signals(rule).makeAsyncIterator()
            for (name, value) in [("Other", 1), ("Moved", 2), ("Moved", 3)] as [(String, Int32)] {
                _ = try await connection.call(
                    Self.thing, "/thing", Self.mock, "EmitSignal",
                    [
                        .string(Self.thing), .string(name), .string("i"),
                        .array(of: "v", [.variant(.int32(value))]),
                    ])
            }
            #expect(await moves.next()?.body == [.int32(2)])
            #expect(await moves.next()?.body == [.int32(3)])
        }
    }

    @Test("a service that does not answer is waited for as long as was said")
    func silence() async throws {
        try await withThing { _, connection in
            _ = try await connection.call(
                Self.thing, "/thing", Self.mock, "AddMethod",
                [
                    .string(Self.thing), .string("Hang"), .string(""), .string(""),
                    .string("import time; time.sleep(3600)"),
                ])
            await #expect(throws: BusError.timedOut) {
                try await connection.call(Self.thing, "/thing", Self.thing, "Hang", within: .milliseconds(50))
            }
        }
    }

    @Test("whoever calls us is told that nothing is offered")
    func called() async throws {
        try await bench { bus, connection, loop in
            try await Bus.with(BusAddress(socket: bus.socket), on: loop) { other in
                let name = try await other.call(
                    Bus.name, "/org/freedesktop/DBus", Bus.name, "RequestName",
                    [.string("org.example.Ours"), .uint32(0)])
                #expect(name.first?.integer == 1)
                let refusal = await Self.refusal {
                    _ = try await connection.call("org.example.Ours", "/", "org.example", "Do")
                }
                #expect(refusal?.name == "org.freedesktop.DBus.Error.UnknownMethod")
            }
        }
    }

    @Test("a bus that ends ends its connections at once: those who wait, and the signals")
    func ended() async throws {
        await #expect(throws: BusError.self) {
            try await bench { bus, connection, _ in
                let signals = try await connection.signals(SignalRule(sender: Bus.name, interface: Bus.name))
                bus.stop()
                for await _ in signals {}
                // Not reached before the loss is known.
                try await OneShot().fired()
            }
        }
    }

    @Test("nobody there is told at once, with what would be there; so is one that is no bus")
    func absent() async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            let address = BusAddress(socket: folder.file("none"))
            await #expect(throws: BusError.absent(address, Errno(ENOENT))) {
                try await Bus.with(address, on: loop) { _ in }
            }
            #expect("\(BusError.absent(address, Errno(ENOENT)))".contains("package dbus"))
        }
    }
}
