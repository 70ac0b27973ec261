import DBus
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite("PresenceActivity", .timeLimit(.minutes(5))) struct PresenceActivityTests {
    private let start = ContinuousClock.now

    private func text(_ payload: [UInt8]?) -> String? { payload.map { String(decoding: $0, as: UTF8.self) } }

    @Test("it is told at once, when the machine is used again, and every three minutes") func rhythm() {
        var news = PresenceNews()
        func payload(_ idle: Int?, _ second: Int, isFirst: Bool = false) -> String? {
            text(news.payload(idle: idle.map { .seconds($0) }, at: start + .seconds(second), isFirst: isFirst))
        }
        #expect(payload(40, 0, isFirst: true) == #"{"idleSeconds":40,"source":"system"}"#)
        #expect(payload(55, 15) == nil)
        #expect(payload(3, 30) == #"{"idleSeconds":3,"source":"system"}"#)
        #expect(payload(0, 45) == #"{"idleSeconds":0,"source":"system"}"#)
        #expect(payload(179, 224) == nil)
        #expect(payload(180, 225) == #"{"idleSeconds":180,"source":"system"}"#)
        #expect(payload(185, 230, isFirst: true) == #"{"idleSeconds":185,"source":"system"}"#)
        #expect(payload(10_000_000, 500) == #"{"idleSeconds":2592000,"source":"system"}"#)
    }

    @Test("that nobody is there any more is told once, and that nobody was never") func clear() {
        var news = PresenceNews()
        #expect(news.payload(idle: nil, at: start, isFirst: true) == nil)
        _ = news.payload(idle: .zero, at: start, isFirst: false)
        #expect(text(news.payload(idle: nil, at: start, isFirst: false)) == #"{"action":"clear"}"#)
        #expect(news.payload(idle: nil, at: start, isFirst: false) == nil)
        #expect(news.payload(idle: .zero, at: start, isFirst: false) != nil)
    }

    @Test("of a desktop it is known when it became idle, of a terminal when it was used; of a greeter nothing")
    func kinds() {
        func idleness(_ kind: String, type: String = "x11", isIdle: Bool, since: UInt64) -> Duration? {
            let properties: [String: BusValue] = [
                "Class": .string(kind), "Type": .string(type), "IdleHint": .boolean(isIdle),
                "IdleSinceHintMonotonic": .uint64(since),
            ]
            return Logins.idleness(properties, at: clock(real: 2_000))
        }
        #expect(idleness("user", isIdle: true, since: 70_000_000) == .seconds(30))
        #expect(idleness("user", isIdle: false, since: 70_000_000) == .zero)
        #expect(idleness("user", type: "tty", isIdle: false, since: 70_000_000) == .seconds(30))
        #expect(idleness("user", isIdle: false, since: 0) == nil)
        #expect(idleness("greeter", isIdle: true, since: 70_000_000) == nil)
        #expect(idleness("user", isIdle: true, since: 170_000_000) == .zero)
        #expect(Logins.idleness([:], at: clock(real: 2_000)) == nil)
    }

    @Test(
        "what a machine slept is idle, too; that its clock was set is not",
        arguments: [
            // Of a thousand seconds since the start it has slept 900.
            (2_000, 1_970, 30), (2_000, 1_500, 500), (2_000, 1_070, 930), (2_000, 1, 930),
            (1_900, 1_970, 30),
        ] as [(Int, UInt64, Int)])
    func slept(real: Int, since: UInt64, idle: Int) {
        let properties: [String: BusValue] = [
            "Class": .string("user"), "Type": .string("tty"), "IdleHint": .boolean(true),
            "IdleSinceHint": .uint64(since * 1_000_000), "IdleSinceHintMonotonic": .uint64(70_000_000),
        ]
        #expect(Logins.idleness(properties, at: clock(real: real, boot: 1_000)) == .seconds(idle))
    }

    private func clock(real: Int, boot: Int = 100) -> ClockReading {
        var clock = ClockReading.now()
        (clock.real, clock.boot, clock.monotonic) = (.seconds(real), .seconds(boot), .seconds(100))
        return clock
    }

    @Test("logind says who sits there and since when not; without one nobody knows") func asked() async throws {
        try await onEventLoop { loop in
            let bus = try PrivateBus(on: loop)
            try await bus.start()
            let logins = Logins(SystemBus(variables: bus.variables, patience: .seconds(120), on: loop))
            #expect(await logins.idleness() == nil)
            try await Bus.with(BusAddress(socket: bus.socket), on: loop) { connection in
                let logind = try await MockLogind(on: bus, connection)
                #expect(await logins.idleness() == nil)
                try await logind.addSession("c1", of: 1000)
                #expect(await logins.idleness() == nil)
                try await logind.setIdle("c1", since: ClockReading.now().monotonic - .seconds(5))
                let idle = try #require(await logins.idleness())
                #expect(idle >= .seconds(5))
            }
            bus.stop()
        }
    }
}
