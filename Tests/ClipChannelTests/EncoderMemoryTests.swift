import NodeCore
import NodeMedia
import Testing

@testable import ClipChannel

@Suite("EncoderMemory")
struct EncoderMemoryTests {
    private static let packaged = 512 << 20

    private func film(_ width: Int, _ height: Int, _ format: PixelFormat = .mjpeg) -> ClipPlan {
        let video = ClipPlan.Video(format: format, width: width, height: height, framesPerSecond: 30)
        return ClipPlan(.mp4, video: video, duration: .seconds(5), limit: 16 << 20)
    }

    @Test("in the packaged unit there is room for three clips of 1080p, or for one of 4K and the sound of another")
    func packaged() {
        let memory = EncoderMemory(most: EncoderMemory.share(physical: 8 << 30, group: Self.packaged))
        #expect((3..<4).contains(memory.most / EncoderMemory.need(film(1920, 1080))))
        #expect((5..<6).contains(memory.most / EncoderMemory.need(film(1280, 720))))
        #expect((1..<2).contains(memory.most / EncoderMemory.need(film(3840, 2160))))
        // What the camera has encoded is not encoded again.
        #expect(EncoderMemory.need(film(3840, 2160, .h264)) == 40 << 20)
    }

    @Test("a machine with little memory keeps half of it for others")
    func small() {
        #expect(EncoderMemory.share(physical: 416 << 20, group: Self.packaged) == 208 << 20)
        #expect(EncoderMemory.share(physical: 416 << 20, group: nil) == 208 << 20)
        #expect(EncoderMemory.share(physical: 416 << 20, group: 32 << 20) == 0)
    }

    @Test("one too many is told so, and has room when the others are over") func crowd() async throws {
        let plan = film(1920, 1080)
        let memory = EncoderMemory(most: 2 * EncoderMemory.need(plan))
        try await memory.lend(plan) {
            _ = try await memory.lend(plan) {
                await #expect(throws: ClipError.busy) { try await memory.lend(plan) {} }
            }
            try await memory.lend(plan) {}
        }
    }

    @Test("what would never fit is told what it takes") func tooMuch() async {
        let plan = film(7680, 4320)
        let memory = EncoderMemory(most: 400 << 20)
        let error = ClipError.noMemory(bytes: EncoderMemory.need(plan), limit: memory.most)
        await #expect(throws: error) { try await memory.lend(plan) {} }
        #expect(error.refusal.message.contains("1463 MB") && error.refusal.message.contains("400"))
    }

    @Test("an encoder that fails gives back what it had") func failure() async throws {
        let plan = film(1280, 720)
        let memory = EncoderMemory(most: EncoderMemory.need(plan))
        await #expect(throws: ClipError.cancelled) { try await memory.lend(plan) { throw ClipError.cancelled } }
        try await memory.lend(plan) {}
    }

    @Test(
        "a process is in one control group of the second version",
        arguments: [
            ("0::/system.slice/a.service\n", "/system.slice/a.service"), ("0::/\n", "/"),
            ("12:memory:/a\n0::/b\n", "/b"), ("12:memory:/a\n", nil), ("", nil),
        ] as [(String, String?)])
    func group(text: String, expected: String?) {
        #expect(EncoderMemory.groupPath(text) == expected)
    }
}
