/// The sizes and qualities to try, best first, until a picture is small enough (node-commands §4.2): first the quality is lowered
/// to a half, then the width by fifths, eight tries in all.
struct EncodingPlan {
    struct Attempt: Equatable {
        let width: Int
        let quality: Double
    }

    let attempts: [Attempt]

    init(width: Int, quality: Double) {
        var attempts = [Attempt(width: width, quality: quality)]
        while let last = attempts.last, attempts.count < Self.rounds {
            if last.quality > Self.leastQuality {
                // In hundredths, so that 0.9 comes to 0.8 and not to a neighbour of it.
                let lower = ((last.quality - 0.1) * 100).rounded() / 100
                attempts.append(Attempt(width: last.width, quality: max(Self.leastQuality, lower)))
            } else {
                let narrower = last.width * 4 / 5
                if narrower < 2 { break }
                attempts.append(Attempt(width: narrower, quality: last.quality))
            }
        }
        self.attempts = attempts
    }

    private static let rounds = 8
    private static let leastQuality = 0.5
}
