import Testing

@testable import CodecLibAV

@Suite struct SoundClockTests {
    /// Plays a card's clock against ours for `seconds`; how far apart they are then.
    private func apart(after seconds: Double, cardRate: Double, jitter: Double = 0) -> Double {
        var clock = SoundClock(sampleRate: 48_000)
        var end = 0.0
        let chunk = 0.02
        for step in 0..<Int(seconds / chunk) {
            let due = Double(step) * chunk + jitter * Double((step * 7) % 5 - 2) / 2
            guard case .stretch(let more) = clock.correction(due: due, end: end, seconds: chunk * cardRate) else {
                return .infinity
            }
            end += chunk * cardRate * (1 + Double(more) / 48_000)
        }
        return abs(end - seconds)
    }

    @Test(
        "a card's clock that is off is followed within a few milliseconds",
        arguments: [0.997, 0.9998, 1, 1.0002, 1.003])
    func followed(cardRate: Double) {
        #expect(apart(after: 60, cardRate: cardRate) < 0.007)
        #expect(apart(after: 60, cardRate: cardRate, jitter: 0.01) < 0.012)
    }

    @Test("what is right is left alone")
    func right() {
        var clock = SoundClock(sampleRate: 48_000)
        for step in 0..<100 {
            let now = Double(step) * 0.02
            let correction = clock.correction(due: now, end: now, seconds: 0.02)
            #expect(correction == .stretch(perSecond: 0))
        }
    }

    @Test("nobody hears the correction: it is half a percent at most")
    func bounded() {
        var clock = SoundClock(sampleRate: 48_000)
        for _ in 0..<100 {
            let correction = clock.correction(due: 0.2, end: 0, seconds: 1)
            #expect(correction.samples <= 240)
        }
    }

    @Test("a gap is filled, and what is there twice is dropped, at once")
    func gaps() {
        var clock = SoundClock(sampleRate: 48_000)
        let first = clock.correction(due: 2, end: 1, seconds: 0.02)
        #expect(first == .silence(1))
        let second = clock.correction(due: 2, end: 2.5, seconds: 0.02)
        #expect(second == .drop(0.5))
    }
}

extension SoundClock.Correction {
    fileprivate var samples: Int {
        if case .stretch(let samples) = self { samples } else { .max }
    }
}
