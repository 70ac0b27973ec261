import Glibc
import Synchronization

/// How loud all that it heard was, where 1 is as loud as 16 bits can be.
package final class SoundMeter: Sendable {
    private struct Heard {
        var squares = 0.0
        var count = 0
        var peak = 0
    }

    /// What decibels call silence: less than half a step of 16 bits, and a number, which JSON wants.
    private static let floor = -120.0

    private let heard = Mutex(Heard())

    package init() {}

    package func hear(_ samples: [Int16]) {
        var squares = 0.0
        var peak = 0
        for sample in samples {
            let value = Int(sample)
            squares += Double(value * value)
            peak = max(peak, abs(value))
        }
        heard.withLock { heard in
            heard.squares += squares
            heard.count += samples.count
            heard.peak = max(heard.peak, peak)
        }
    }

    package var rms: Double {
        heard.withLock { $0.count == 0 ? 0 : ($0.squares / Double($0.count)).squareRoot() / 32_768 }
    }

    package var peak: Double { heard.withLock { Double($0.peak) / 32_768 } }

    /// In decibels below the loudest there is, to a hundredth.
    package static func decibels(_ level: Double) -> Double {
        guard level > 0 else { return floor }
        return max(floor, (20 * log10(level) * 100).rounded() / 100)
    }
}
