import Testing

@testable import Worker

@Suite struct DialPauseTests {
    @Test("pauses double up to a minute, and begin anew after who was served") func pauses() {
        var pause = DialPause()
        let pauses = (0..<8).map { _ in pause.take(after: .milliseconds(1)) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(pause.isLongest)
        #expect(pause.take(after: .seconds(10)) == .seconds(1))
        #expect(!pause.isLongest)
        #expect(pause.take(after: .seconds(9)) == .seconds(2))
    }
}
