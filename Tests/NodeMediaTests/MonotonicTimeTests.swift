import NodeMedia
import Testing

@Suite("Monotonic time")
struct MonotonicTimeTests {
    @Test("time goes on, and durations come back out as they went in")
    func arithmetic() {
        let start = MonotonicTime.now
        let later = start + .milliseconds(1_500)
        #expect(start < later)
        #expect(start.duration(to: later) == .milliseconds(1_500))
        #expect(later.duration(to: start) == .milliseconds(-1_500))
        #expect(MonotonicTime.now >= start)
    }
}
