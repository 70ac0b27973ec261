import Glibc
import LinuxIO
import NodeCamera
import NodeMedia

/// Gives the frame that begins next after it was asked, thirty a second by the monotonic clock.
struct PatternCamera: Camera {
    static let framesPerSecond: Int64 = 30

    let timekeeper: any Timekeeper

    func still(_ request: StillRequest) async throws(CameraError) -> Image {
        var earliest = request.askedAt
        if case .exactly(let delay) = request.warmUp { earliest = earliest + delay }
        let frame = Self.frame(after: earliest)
        let begins = MonotonicTime(nanoseconds: frame * 1_000_000_000 / Self.framesPerSecond)
        do { try await timekeeper.sleep(for: MonotonicTime.now.duration(to: begins)) } catch { throw .cancelled }
        let (date, clock) = Self.localTime()
        let bytes = await onOwnThread("pattern") { TestPicture.draw(frame: frame, date: date, clock: clock) }
        return Image(
            width: TestPicture.width, height: TestPicture.height, format: .yuv420, bytes: bytes, capturedAt: begins)
    }

    /// The number of the first frame that begins later than `time`.
    static func frame(after time: MonotonicTime) -> Int64 {
        // In two parts, so that years of uptime do not overflow.
        let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds * framesPerSecond + rest * framesPerSecond / 1_000_000_000 + 1
    }

    private static func localTime() -> (date: String, clock: String) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
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
}
