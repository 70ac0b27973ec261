import CLinux
import Glibc

/// The time of day, which a machine without a battery gets wrong and then jumps: for people and protocols, never for waiting.
package enum WallClock {
    package enum Zone: Sendable {
        case universal, local
    }

    /// Since 1970.
    package static var milliseconds: Int {
        let now = time()
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// Whether it may be as late as `milliseconds` say: not before the year in which this was written, nor 30 years after it.
    /// A machine without a battery begins in 1970, or on the day on which its system was made.
    package static func isPlausible(_ milliseconds: Int) -> Bool {
        let earliest = 1_767_225_600_000
        return (earliest...earliest + 30 * 365 * 86_400_000).contains(milliseconds)
    }

    /// Whether a service keeps it right, by the network or otherwise (adjtimex(2)); nil where the kernel does not say.
    package static var isKept: Bool? {
        let answer = cn_clock_is_kept()
        return answer < 0 ? nil : answer == 1
    }

    /// As `2026-11-21` and `09:30:00.123`; now, unless another time is given, in milliseconds since 1970.
    package static func text(_ zone: Zone, at milliseconds: Int? = nil) -> (date: String, clock: String) {
        var now = milliseconds.map { timespec(tv_sec: $0 / 1000, tv_nsec: $0 % 1000 * 1_000_000) } ?? time()
        var parts = tm()
        switch zone {
        case .universal: gmtime_r(&now.tv_sec, &parts)
        case .local: localtime_r(&now.tv_sec, &parts)
        }
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2),
        ]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return (date.joined(separator: "-"), clock.joined(separator: ":") + "." + padded(now.tv_nsec / 1_000_000, 3))
    }

    private static func time() -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }
}
