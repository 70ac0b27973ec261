import LinuxIO
import Testing
import WebSocket

@testable import Gateway

@Suite struct EarlyRetryTests {
    private let start = ContinuousClock.now
    private let lost = Disconnect(.transport(.lost(nil)))
    private let link = Wake.network(.link(index: 1))

    @Test("what may have mended the network cuts the wait short, a moment later")
    func soon() {
        let early = EarlyRetry()
        let later = Wake.clocks(ClockJump(set: .seconds(86_400)))
        for wake in [link, .resumed, .clocks(ClockJump(slept: .seconds(3))), later] {
            for cause: Disconnect.Cause in [
                .transport(.unreachable(Errno(101), nil)), .transport(.resolution("no address")), .silent,
                .dead(since: wake), .handshake("nothing came"),
            ] {
                #expect(early.moment(of: wake, after: Disconnect(cause), at: start) == start + .milliseconds(100))
            }
        }
    }

    @Test("who was sent away by the gateway or by what stands before it keeps to the wait")
    func sentAway() {
        let early = EarlyRetry()
        let refusal = Disconnect.Cause.refused(GatewayRefusal(code: "X", message: ""))
        for end in [
            Disconnect(refusal, retry: .approval), Disconnect(refusal, retry: .rarely), Disconnect(refusal),
            Disconnect(.closed(.serviceRestart, reason: ""), retry: .after(.seconds(5))),
            Disconnect(.closed(.normal, reason: "")),
            Disconnect(.transport(.upgradeRefused(status: 502, body: ""))),
            Disconnect(.transport(.tls(.pinMismatch(presented: Samples.certificate))), retry: .rarely),
        ] {
            #expect(early.moment(of: link, after: end, at: start) == nil)
        }
    }

    @Test("a certificate that has expired is looked at again when the time of day was set, and then only")
    func clockSet() {
        let early = EarlyRetry()
        let expired = WebSocketError.tls(.outOfTime(.expired, clock: 1_800_000_000, presented: "ab"))
        let end = Disconnect(.transport(expired), retry: .rarely)
        #expect(early.moment(of: link, after: end, at: start) == nil)
        #expect(early.moment(of: .clocks(ClockJump(slept: .seconds(90))), after: end, at: start) == nil)
        let set = Wake.clocks(ClockJump(set: .seconds(-100_000)))
        #expect(early.moment(of: set, after: end, at: start) == start + .milliseconds(100))
    }

    @Test("one that is not valid yet is looked at again after whatever may have brought the time")
    func clockBehind() {
        let early = EarlyRetry()
        let end = Disconnect(.transport(.tls(.outOfTime(.notYetValid, clock: 0, presented: "ab"))))
        for wake in [link, .clocks(ClockJump(set: .seconds(1_700_000_000)))] {
            #expect(early.moment(of: wake, after: end, at: start) == start + .milliseconds(100))
        }
    }

    @Test("nothing that wakes a machine makes a stranger's certificate another")
    func stranger() {
        let early = EarlyRetry()
        let end = Disconnect(.transport(.tls(.untrusted(reason: "self-signed", presented: "ab"))), retry: .rarely)
        for wake in [link, .clocks(ClockJump(set: .seconds(1_700_000_000)))] {
            #expect(early.moment(of: wake, after: end, at: start) == nil)
        }
    }

    @Test("three come at once, then one in five seconds, however the network flaps; a quiet time gives them back")
    func flapping() {
        var early = EarlyRetry()
        var moments: [Duration] = []
        var now = start
        // A second of flapping is a thousand news; each attempt ends at once.
        for _ in 0..<30_000 {
            now += .milliseconds(1)
            guard let moment = early.moment(of: link, after: lost, at: now) else { continue }
            // The wait for a moment that has been found ends before anything else is looked at.
            moments.append(start.duration(to: moment))
            early.dialled(at: moment)
            now = max(now, moment)
            if moments.count == 8 { break }
        }
        #expect(moments[2] < .seconds(1))
        for (earlier, later) in zip(moments[2...], moments[3...]) { #expect(later - earlier >= .seconds(4.5)) }
        let quiet = now + .seconds(20)
        #expect(early.moment(of: link, after: lost, at: quiet) == quiet + .milliseconds(100))
    }
}
