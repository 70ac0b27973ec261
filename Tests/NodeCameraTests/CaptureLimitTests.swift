import Testing

@testable import NodeCamera

@Suite struct CaptureLimitTests {
    private func admits(_ limit: CaptureLimit, _ now: ContinuousClock.Instant) -> Bool {
        (try? limit.admit(at: now)) != nil
    }

    @Test("a second's worth may come at once, then as many as the rate gives") func burst() {
        let limit = CaptureLimit(perSecond: 4)
        let start = ContinuousClock.now
        #expect((0..<6).map { _ in admits(limit, start) } == [true, true, true, true, false, false])
        #expect(!admits(limit, start + .milliseconds(240)))
        #expect(admits(limit, start + .milliseconds(260)))
        #expect(!admits(limit, start + .milliseconds(270)))
        // A quiet hour saves up no more than a second.
        #expect((0..<6).count { _ in admits(limit, start + .seconds(3600)) } == 4)
    }

    @Test("less than one a second is possible") func slow() {
        let limit = CaptureLimit(perSecond: 0.5)
        let start = ContinuousClock.now
        #expect(admits(limit, start) && !admits(limit, start + .milliseconds(1900)))
        #expect(admits(limit, start + .milliseconds(2100)))
    }
}
