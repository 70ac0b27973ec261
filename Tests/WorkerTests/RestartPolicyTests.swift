import Testing

@testable import Worker

@Suite("RestartPolicy") struct RestartPolicyTests {
    private let start = ContinuousClock.now

    @Test("the third quick failure in a row brings a pause of five seconds")
    func pause() {
        var policy = RestartPolicy()
        policy.failed(after: .seconds(1), at: start)
        policy.failed(after: .seconds(1), at: start)
        #expect(policy.mayStart(at: start))
        policy.failed(after: .seconds(1), at: start)
        #expect(!policy.mayStart(at: start + .seconds(4)))
        #expect(policy.mayStart(at: start + .seconds(5)))
        #expect(policy.failures == 3)
    }

    @Test("an answer, or a long life, shows that it is not broken from the start", arguments: [true, false])
    func recovers(byAnswer: Bool) {
        var policy = RestartPolicy()
        for _ in 0..<2 { policy.failed(after: .seconds(1), at: start) }
        if byAnswer { policy.answered() } else { policy.failed(after: .seconds(10), at: start) }
        policy.failed(after: .seconds(1), at: start)
        #expect(policy.mayStart(at: start))
    }
}
