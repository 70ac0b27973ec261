/// Keeps a sound to the clock that pictures are stamped with: a sound card's own is off by some parts in ten thousand, which is heard
/// as lips that move too early after a minute.
struct SoundClock: Sendable {
    enum Correction: Equatable, Sendable {
        /// Samples to be made of each second's more, or less: too few to be heard as another pitch.
        case stretch(perSecond: Int)
        /// Seconds that are missing.
        case silence(Double)
        /// Seconds that are too many.
        case drop(Double)
    }

    /// What is more has not come about by drifting.
    private static let gap = 0.25
    /// Arrival is not known better than to some milliseconds, so that single times mean little.
    private static let smoothing = 1.0
    /// Over how many seconds what is off is mended.
    private static let mending = 2.0
    private static let most = 0.005

    private let sampleRate: Double
    private var error = 0.0

    init(sampleRate: Int) {
        self.sampleRate = Double(sampleRate)
    }

    /// To do with the next `seconds` of sound, which by their time begin at `due`, while what is there ends at `end`; both from
    /// the beginning of the sound.
    mutating func correction(due: Double, end: Double, seconds: Double) -> Correction {
        let off = due - end
        if abs(off) > Self.gap {
            error = 0
            return off > 0 ? .silence(off) : .drop(-off)
        }
        error += (off - error) * min(1, seconds / Self.smoothing)
        let rate = min(Self.most, max(-Self.most, error / Self.mending))
        return .stretch(perSecond: Int((rate * sampleRate).rounded()))
    }
}
