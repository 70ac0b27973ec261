import NodeMedia

/// Decides when a camera that has just been switched on gives pictures worth keeping: once its automatic exposure leaves the
/// brightness alone (node-commands §4.2).
package struct Settling: Sendable {
    private let start: MonotonicTime
    private var recent: [Double] = []

    package static let atLeast = Duration.milliseconds(300)
    package static let atMost = Duration.seconds(2)

    /// `start`: when the stream was switched on.
    package init(start: MonotonicTime) {
        self.start = start
    }

    /// Whether the frame of this brightness, 0 to 255, and this time is good. A frame whose brightness is unknown is not, but
    /// nothing is waited for longer than `atMost`.
    package mutating func accepts(luminance: Double?, at time: MonotonicTime) -> Bool {
        if let luminance {
            recent = recent.suffix(Self.frames - 1) + [luminance]
        }
        let age = start.duration(to: time)
        if age >= Self.atMost { return true }
        guard luminance != nil, age >= Self.atLeast, recent.count == Self.frames else { return false }
        guard let least = recent.min(), let most = recent.max() else { return false }
        // In the dark two hundredths are less than the noise: there, half a step counts as none.
        return most - least < max(0.02 * most, 0.5)
    }

    /// Whether a camera that streams since `start` needs no looking at any more.
    package static func isOver(since start: MonotonicTime, at time: MonotonicTime) -> Bool {
        start.duration(to: time) >= atMost
    }

    private static let frames = 3
}
