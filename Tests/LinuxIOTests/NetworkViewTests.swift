import CLinux
import Glibc
import Testing

@testable import LinuxIO

@Suite struct NetworkViewTests {
    /// Takes messages in, one read each; the news of each.
    private final class Trial {
        private var view = NetworkView()

        func take(_ bytes: [UInt8]) -> NetworkNews? { view.take(bytes[...]) }
    }

    private static let up = UInt32(IFF_UP | IFF_RUNNING)

    static func native<T: FixedWidthInteger>(_ number: T) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

    // In steps: a long sum is too much for the older compiler.
    static func message(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
        var message = native(UInt32(16 + payload.count))
        message += native(UInt16(type))
        message += [UInt8](repeating: 0, count: 10)
        message += payload
        while message.count % 4 != 0 { message.append(0) }
        return message
    }

    static func attribute(_ type: Int, _ data: [UInt8]) -> [UInt8] {
        native(UInt16(4 + data.count)) + native(UInt16(type)) + data
    }

    static func link(_ type: Int = Int(RTM_NEWLINK), index: UInt32 = 2, flags: UInt32) -> [UInt8] {
        var payload: [UInt8] = [0, 0, 0, 0]
        payload += native(index)
        payload += native(flags)
        payload += native(UInt32(0))
        return message(type, payload)
    }

    static func address(
        _ bytes: [UInt8], _ type: Int = Int(RTM_NEWADDR), index: UInt32 = 2, flags: Int = 0, scope: UInt8 = 0
    ) -> [UInt8] {
        var payload: [UInt8] = [10, 64, UInt8(flags), scope]
        payload += native(index)
        payload += attribute(6, [1, 2, 3, 4])
        payload += attribute(Int(IFA_ADDRESS), bytes)
        return message(type, payload)
    }

    static func route(table: UInt8 = 254, type: Int = Int(RTN_UNICAST), flags: UInt32 = 0) -> [UInt8] {
        var payload: [UInt8] = [2, 0, 0, 0, table, 4, 0, UInt8(type)]
        payload += native(flags)
        payload += attribute(Int(RTA_OIF.rawValue), native(UInt32(3)))
        return message(Int(RTM_NEWROUTE), payload)
    }

    @Test("a link that gets its carrier is news, each time; one that has it and is told again is not")
    func links() {
        let trial = Trial()
        #expect(trial.take(Self.link(flags: UInt32(IFF_UP))) == nil)
        #expect(trial.take(Self.link(flags: Self.up)) == .link(index: 2))
        #expect(trial.take(Self.link(flags: Self.up)) == nil)
        #expect(trial.take(Self.link(flags: UInt32(IFF_UP))) == nil)
        #expect(trial.take(Self.link(flags: Self.up)) == .link(index: 2))
        #expect(trial.take(Self.link(Int(RTM_DELLINK), flags: Self.up)) == nil)
        #expect(trial.take(Self.link(flags: Self.up)) == .link(index: 2))
    }

    @Test("an address is news when it can be used, and not when its lease is renewed")
    func addresses() {
        let trial = Trial()
        let own: [UInt8] = [192, 0, 2, 7]
        #expect(trial.take(Self.address(own, flags: Int(IFA_F_TENTATIVE))) == nil)
        #expect(trial.take(Self.address(own)) == .address(index: 2))
        #expect(trial.take(Self.address(own)) == nil)
        #expect(trial.take(Self.address(own, index: 3)) == .address(index: 3))
        #expect(trial.take(Self.address(own, Int(RTM_DELADDR))) == nil)
        #expect(trial.take(Self.address(own)) == .address(index: 2))
        let local: [UInt8] = [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(trial.take(Self.address(local, scope: UInt8(RT_SCOPE_LINK.rawValue))) == nil)
    }

    @Test("a way out is news, the machine's own addresses and remembered peers are not")
    func routes() {
        let trial = Trial()
        #expect(trial.take(Self.route()) == .route(index: 3))
        #expect(trial.take(Self.route(table: 255)) == nil)
        #expect(trial.take(Self.route(type: Int(RTN_LOCAL))) == nil)
        #expect(trial.take(Self.route(flags: UInt32(RTM_F_CLONED))) == nil)
    }

    @Test("several messages in one read are all taken in; a cut or odd one ends the read and nothing else")
    func reads() {
        let trial = Trial()
        let own: [UInt8] = [192, 0, 2, 7]
        let two = Self.link(flags: Self.up) + Self.address(own)
        #expect(trial.take(two + Self.link(flags: Self.up)) == .address(index: 2))
        let whole = Self.route()
        for length in 0..<whole.count { #expect(trial.take(Array(whole.prefix(length))) == nil) }
        #expect(trial.take([0, 0, 0, 0] + whole) == nil)
        #expect(trial.take(Self.native(UInt32.max) + whole.dropFirst(4)) == nil)
        #expect(trial.take(Self.message(77, []) + whole) == .route(index: 3))
        // An attribute that says it has no length.
        let odd = Self.message(Int(RTM_NEWADDR), [2, 24, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])
        #expect(trial.take(odd + whole) == .route(index: 3))
    }

    @Test("a machine that makes interfaces for a living does not fill the memory")
    func bounded() {
        let trial = Trial()
        for index in 0..<10_000 { _ = trial.take(Self.link(index: UInt32(index), flags: Self.up)) }
        // Forgotten, and so news again.
        #expect(trial.take(Self.link(index: 1, flags: Self.up)) == .link(index: 1))
    }
}
