import Glibc
import LinuxIO
import Testing

@testable import WebSocket

@Suite struct AddressRaceTests {
    private static func address(_ text: String) -> SocketAddress {
        // A literal, always.
        SocketAddress.literal(text, port: 1)!
    }

    private let v6 = ["2001:db8::1", "2001:db8::2"].map(address)
    private let v4 = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(address)

    private func dial(_ address: SocketAddress, _ number: Int) -> [AddressRace.Step] {
        [.dial(address), .set(.attempt(number), .milliseconds(250))]
    }

    @Test("the families take turns, IPv6 first, an address every 250 ms")
    func turns() {
        var race = AddressRace()
        #expect(race.resolved(.v6, .success(v6)) == dial(v6[0], 1))
        #expect(race.resolved(.v4, .success(v4)) == [])
        #expect(race.rang(.attempt(1)) == dial(v4[0], 2))
        #expect(race.rang(.attempt(2)) == dial(v6[1], 3))
        #expect(race.rang(.attempt(3)) == dial(v4[1], 4))
        #expect(race.rang(.attempt(4)) == dial(v4[2], 5))
        #expect(race.rang(.attempt(5)) == [])
        #expect(race.loss == nil)
    }

    @Test("IPv4's addresses wait 50 ms for IPv6's, and no longer")
    func resolutionDelay() {
        var patient = AddressRace()
        #expect(patient.resolved(.v4, .success(v4)) == [.set(.resolution, .milliseconds(50))])
        #expect(patient.resolved(.v6, .success(v6)) == dial(v6[0], 1))
        #expect(patient.rang(.resolution) == [])
        var late = AddressRace()
        _ = late.resolved(.v4, .success(v4))
        #expect(late.rang(.resolution) == dial(v4[0], 1))
        #expect(late.resolved(.v6, .success(v6)) == [])
        #expect(late.rang(.attempt(1)) == dial(v6[0], 2))
    }

    @Test("a family without addresses is not waited for, and the other's failure is not the end")
    func oneFamily() {
        let unknown = WebSocketError.resolution("x")
        var first = AddressRace()
        #expect(first.resolved(.v6, .failure(unknown)) == [])
        #expect(first.loss == nil)
        #expect(first.resolved(.v4, .success(v4)) == dial(v4[0], 1))
        var second = AddressRace()
        #expect(second.resolved(.v6, .success([])) == [])
        #expect(second.resolved(.v4, .success(v4)) == dial(v4[0], 1))
        var none = AddressRace()
        _ = none.resolved(.v6, .failure(unknown))
        _ = none.resolved(.v4, .failure(unknown))
        #expect(none.loss == unknown)
    }

    @Test("after a failure the next is tried at once, and has its whole time")
    func failures() {
        var race = AddressRace()
        _ = race.resolved(.v6, .success(v6))
        _ = race.resolved(.v4, .success(v4))
        let refused = WebSocketError.unreachable(Errno(ECONNREFUSED), v6[0])
        #expect(race.failed(refused) == dial(v4[0], 2))
        #expect(race.rang(.attempt(1)) == [], "the first one's time is over with it")
        #expect(race.rang(.attempt(2)) == dial(v6[1], 3))
    }

    @Test("addresses that come after all others have failed are tried at once")
    func lateHope() {
        var race = AddressRace()
        _ = race.resolved(.v6, .success([v6[0]]))
        _ = race.failed(.unreachable(Errno(ECONNREFUSED), v6[0]))
        #expect(race.loss == nil)
        #expect(race.resolved(.v4, .success(v4)) == dial(v4[0], 2))
    }

    @Test("addresses that come after the others have had their time do not wait for a failure")
    func late() {
        var race = AddressRace()
        _ = race.resolved(.v4, .success([v4[0]]))
        #expect(race.rang(.resolution) == dial(v4[0], 1))
        #expect(race.rang(.attempt(1)) == [])
        #expect(race.resolved(.v6, .success(v6)) == dial(v6[0], 2))
    }

    @Test("of several failures the one that says most is told")
    func telling() {
        var race = AddressRace()
        let refused = WebSocketError.unreachable(Errno(ECONNREFUSED), v4[0])
        _ = race.resolved(.v4, .success([v4[0]]))
        _ = race.resolved(.v6, .success([v6[0]]))
        _ = race.failed(refused)
        _ = race.failed(.unreachable(Errno(ENETUNREACH), v6[0]))
        #expect(race.loss == refused)
    }
}
