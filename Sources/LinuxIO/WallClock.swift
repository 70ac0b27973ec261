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

    /// Milliseconds since 1970 of a time as `2026-11-21T09:30:00.123Z`, whose fraction may be shorter, longer or missing; nil for any
    /// other text.
    package static func milliseconds(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        let shape = Array("0000-00-00T00:00:00".utf8)
        guard (20...40).contains(bytes.count), bytes.last == UInt8(ascii: "Z") else { return nil }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        for (byte, pattern) in zip(bytes, shape) where isDigit(pattern) ? !isDigit(byte) : byte != pattern {
            return nil
        }
        let fraction = bytes[shape.count..<bytes.count - 1]
        guard fraction.isEmpty || fraction.count > 1 && fraction.first == UInt8(ascii: "."),
            fraction.dropFirst().allSatisfy(isDigit)
        else { return nil }
        func number(_ digits: some Collection<UInt8>) -> Int {
            digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        let fields = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map { number(bytes[$0]) }
        let ranges = [1...9999, 1...12, 1...31, 0...23, 0...59, 0...60]
        guard zip(fields, ranges).allSatisfy({ $1.contains($0) }) else { return nil }
        var parts = tm()
        parts.tm_year = CInt(fields[0] - 1900)
        parts.tm_mon = CInt(fields[1] - 1)
        parts.tm_mday = CInt(fields[2])
        parts.tm_hour = CInt(fields[3])
        parts.tm_min = CInt(fields[4])
        parts.tm_sec = CInt(fields[5])
        let thousandths = number((fraction.dropFirst().prefix(3) + [48, 48, 48]).prefix(3))
        return timegm(&parts) * 1000 + thousandths
    }

    private static func time() -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }
}
