import NodeMedia
import Testing

@testable import NodeMedia

@Suite("Clip window")
struct ClipWindowTests {
    private static let start = MonotonicTime(nanoseconds: 5_000_000_000)
    private let window = ClipWindow(start: start, duration: .seconds(1))
    private let format = SoundFormat(sampleRate: 1_000, channels: 2)

    @Test(
        "of sound, what lies within is taken",
        arguments: [
            // From, and how many milliseconds; what is left of it.
            (0, 100, 0, 100), (-100, 100, 0, 0), (-100, 101, 0, 1), (-50, 100, 0, 50), (950, 100, 950, 50),
            (1_000, 10, 0, 0), (-500, 3_000, 0, 1_000), (2_000, 1, 0, 0), (-9_000, 1, 0, 0),
        ])
    func sound(from: Int, count: Int, begins: Int, left: Int) {
        var samples: [Int16] = []
        for index in 0..<count { samples += [Int16(from + index), 7] }
        let chunk = SoundChunk(samples: samples, capturedAt: Self.start + .milliseconds(from))
        let part = window.part(of: chunk, format)
        #expect((part?.samples.count ?? 0) == left * 2)
        guard let part else { return }
        #expect(part.samples.first == Int16(begins) && part.samples[1] == 7)
        #expect(part.capturedAt == Self.start + .milliseconds(begins))
    }

    @Test(
        "what is of the end comes too late, and nothing before it",
        arguments: [(0, false), (999, false), (1_000, true), (-1, false)])
    func end(offset: Int, isOver: Bool) {
        #expect(window.isOver(at: Self.start + .milliseconds(offset)) == isOver)
    }
}
