import LinuxIO
import NodeCamera
import NodeMedia

/// Gives the frame that begins next after it was asked, thirty a second by the monotonic clock. The box in it tells the frame's number.
struct PatternCamera: Camera {
    static let framesPerSecond: Int64 = 30

    let timekeeper: any Timekeeper

    func still(_ request: StillRequest) async throws(CameraError) -> Image {
        var earliest = request.askedAt
        if case .exactly(let delay) = request.warmUp { earliest = earliest + delay }
        return try await picture(Self.frame(after: earliest))
    }

    /// What falls behind on a busy machine is left out.
    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        let frames = FrameSequence(of: .yuv420)
        let video = ClipPlan.Video(
            format: .yuv420, width: TestPicture.width, height: TestPicture.height,
            framesPerSecond: Double(Self.framesPerSecond))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = Self.frame(after: .now)
                do throws(CameraError) {
                    while true {
                        frames.offer(try await picture(number))
                        number = max(number + 1, Self.frame(after: .now))
                    }
                } catch { frames.finish(error) }
            }
            defer { group.cancelAll() }
            return try await body(video, frames)
        }
    }

    private func picture(_ frame: Int64) async throws(CameraError) -> Image {
        let begins = MonotonicTime(nanoseconds: frame * 1_000_000_000 / Self.framesPerSecond)
        do { try await timekeeper.sleep(for: MonotonicTime.now.duration(to: begins)) } catch { throw .cancelled }
        let (date, clock) = WallClock.text(.local)
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
}
