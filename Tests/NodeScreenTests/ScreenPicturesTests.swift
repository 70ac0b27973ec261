import LinuxIO
import NodeMedia
import NodeTesting
import Testing

@testable import NodeScreen

@Suite("Pictures of a screen", .timeLimit(.minutes(1)))
struct ScreenPicturesTests {
    private static let period = Duration.milliseconds(100)
    private static let video = ClipPlan.Video(format: .yuv420, width: 64, height: 48, framesPerSecond: 10)

    /// The times of all that belongs to a recording so long, from its first picture on.
    private func times(_ screen: DrawnScreen, _ duration: Duration) async throws -> [Duration] {
        try await onEventLoop { loop in
            let pictures = ScreenPictures(screen, WrittenCoder(), Self.video, for: duration, timekeeper: loop)
            let first = try await pictures.next().capturedAt
            var times: [Duration] = []
            while (times.last ?? .zero) < duration {
                times.append(first.duration(to: try await pictures.next().capturedAt))
            }
            return times
        }
    }

    @Test("a desktop on which nothing moves has a picture at the beginning and one at the end")
    func still() async throws {
        let screen = DrawnScreen()
        #expect(try await times(screen, .milliseconds(400)) == [.milliseconds(300), .milliseconds(400)])
        #expect(screen.pictures == 2)
    }

    @Test("where everything moves there are no more pictures than were asked for, and one at the end")
    func lively() async throws {
        let times = try await times(DrawnScreen(isLively: true), .seconds(1))
        #expect(times.suffix(2) == [.milliseconds(900), .seconds(1)])
        // The first is not among them.
        #expect((2...10).contains(times.count))
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("one that is shorter than a picture lasts has one") func short() async throws {
        let screen = DrawnScreen(isLively: true)
        #expect(try await times(screen, .milliseconds(50)) == [.milliseconds(50)])
        #expect(screen.pictures == 1)
    }

    @Test("why there are no more is told") func failure() async throws {
        let screen = DrawnScreen()
        try await onEventLoop { loop in
            let pictures = ScreenPictures(screen, WrittenCoder(), Self.video, for: .seconds(1), timekeeper: loop)
            _ = try await pictures.next()
            screen.fail(.gone("DP-1"))
            await #expect(throws: ScreenError.gone("DP-1")) { try await pictures.next() }
        }
    }
}
