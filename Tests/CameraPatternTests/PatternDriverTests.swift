import CameraPattern
import LinuxIO
import NodeCamera
import NodeMedia
import Synchronization
import Testing

/// Time that is over as soon as somebody waits for it, and remembers for how long it was asked.
private final class NoTime: Timekeeper {
    let waited = Mutex<[Duration]>([])
    let now = ContinuousClock.now

    func sleep(until deadline: ContinuousClock.Instant) async throws {
        waited.withLock { $0.append(now.duration(to: deadline)) }
        try Task.checkCancellation()
    }
}

@Suite("Pattern driver")
struct PatternDriverTests {
    @Test("it lists itself, and is found by its name or as the default")
    func identity() async throws {
        let driver = PatternDriver(timekeeper: NoTime())
        let cameras = try await driver.cameras()
        #expect(cameras.map(\.id) == ["pattern"] && cameras.map(\.deviceType) == ["pattern"])
        #expect(cameras.first?.formats.map(\.fps) == [30])
        _ = try await driver.open("pattern")
        _ = try await driver.open(nil)
        await #expect(throws: CameraError.notFound("video0", known: ["pattern"])) { try await driver.open("video0") }
    }

    @Test("a picture begins after it was asked for and within one frame, two of them differ")
    func timing() async throws {
        let time = NoTime()
        let camera = try await PatternDriver(timekeeper: time).open(nil)
        let request = StillRequest(maxWidth: 1600, warmUp: .untilSettled)
        let first = try await camera.still(request)
        #expect(first.capturedAt > request.askedAt)
        #expect(request.askedAt.duration(to: first.capturedAt) <= .milliseconds(34))
        let second = try await camera.still(StillRequest(maxWidth: 1600, warmUp: .exactly(.milliseconds(100))))
        #expect(first.bytes != second.bytes)
        #expect(time.waited.withLock { $0 }.allSatisfy { $0 <= .milliseconds(135) })
    }

    @Test("a given delay is kept")
    func delay() async throws {
        let camera = try await PatternDriver(timekeeper: NoTime()).open(nil)
        let request = StillRequest(maxWidth: 1600, warmUp: .exactly(.seconds(3)))
        let waited = request.askedAt.duration(to: try await camera.still(request).capturedAt)
        #expect(waited > .seconds(3) && waited <= .milliseconds(3_034))
    }

    @Test("a withdrawn request ends as cancelled")
    func cancelled() async throws {
        let camera = try await PatternDriver(timekeeper: NoTime()).open(nil)
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: CameraError.cancelled) {
                    try await camera.still(StillRequest(maxWidth: 1600, warmUp: .untilSettled))
                }
            }
        }
    }

    @Test("it films thirty frames a second, each with a number of its own", .timeLimit(.minutes(5)))
    func film() async throws {
        let camera = try await PatternDriver(timekeeper: NoTime()).open(nil)
        try await camera.film(FilmRequest(bitsPerSecond: 1_000_000)) { video, frames in
            #expect((video.format, video.width, video.height, video.framesPerSecond) == (.yuv420, 1_280, 720, 30))
            var last = try await frames.next()
            for _ in 0..<5 {
                let frame = try await frames.next()
                #expect(last.capturedAt.duration(to: frame.capturedAt) > .milliseconds(33))
                #expect(frame.bytes != last.bytes && frame.bytes.count == Image.yuv420Size(width: 1_280, height: 720))
                last = frame
            }
        }
    }
}
