import NodeMedia

/// When samples were in the air, from looks at how far a device has come: those are a little late or early each time, while the
/// device's own clock is even, and counts.
package struct SampleClock: Sendable {
    private let rate: Double
    private var anchor: (frame: Int64, time: MonotonicTime)?

    /// How much of a look's error is believed: of a hundred a second, or of two, little is left of what was by chance.
    private static let belief = 0.1
    /// More is no error: sound was lost, or the device stood still.
    private static let jump = Duration.milliseconds(100)

    package init(rate: Int) {
        self.rate = Double(rate)
    }

    /// At `time`, the sample of number `frame`, counted from the first, was in the air.
    package mutating func saw(_ frame: Int64, at time: MonotonicTime) {
        guard let expected = self.time(of: frame) else { return anchor = (frame, time) }
        let error = expected.duration(to: time)
        let isJump = error > Self.jump || error < .zero - Self.jump
        anchor = (frame, isJump ? time : expected + error * Self.belief)
    }

    /// Nil before the first look.
    package func time(of frame: Int64) -> MonotonicTime? {
        anchor.map { $0.time + .nanoseconds(Int64(Double(frame - $0.frame) / rate * 1e9)) }
    }
}
