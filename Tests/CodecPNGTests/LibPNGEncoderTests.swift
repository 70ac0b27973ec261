import LinuxIO
import NodeMedia
import NodeTesting
import Testing

@testable import CodecPNG

@Suite("PNG", .timeLimit(.minutes(1)))
struct LibPNGEncoderTests {
    /// Every pixel has a colour of its own; the fourth byte means nothing.
    private static func picture(width: Int, height: Int) -> Image {
        let bytes = (0..<width * height).flatMap { pixel -> [UInt8] in
            [UInt8(truncatingIfNeeded: pixel), UInt8(truncatingIfNeeded: pixel >> 8), 200, UInt8.random(in: 0...255)]
        }
        return Image(width: width, height: height, format: .bgrx, bytes: bytes, capturedAt: .now)
    }

    /// What ffmpeg sees in it: its size, and its pixels in the order red, green, blue.
    private static func seen(_ picture: EncodedImage) async throws -> (size: String, pixels: [UInt8]) {
        let folder = try ScratchFolder()
        let path = folder.file("picture.png")
        try StateFile.write(path, try picture.file.bytes(), durable: false)
        return try await onEventLoop { loop in
            func run(_ program: String, _ words: [String]) async throws -> [UInt8] {
                let run = try await ProgramRun.run(
                    "/usr/bin/\(program)", words, outputLimit: 64 << 20, deadline: loop.now + .seconds(50),
                    timekeeper: loop, on: loop)
                try #require(run.status == .exited(0), "\(run.said)")
                return run.output
            }
            let size = try await run(
                "ffprobe", ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path])
            let pixels = try await run(
                "ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
            return (String(decoding: size.filter { $0 != 0x0A }, as: UTF8.self), pixels)
        }
    }

    @Test("nothing of a picture is lost") func lossless() async throws {
        let picture = Self.picture(width: 301, height: 47)
        let png = try LibPNGEncoder().png(picture, maxWidth: 900, byteLimit: 1 << 20)
        #expect((png.width, png.height) == (301, 47))
        let seen = try await Self.seen(png)
        #expect(seen.size == "301,47")
        var colours: [UInt8] = []
        for start in stride(from: 0, to: picture.bytes.count, by: 4) {
            colours += picture.bytes[start..<start + 3].reversed()
        }
        #expect(seen.pixels == colours)
    }

    @Test("a wider one than was asked for is reduced, and keeps its shape") func reduced() async throws {
        let bytes = [UInt8](repeating: 0, count: 4 * 100) + [UInt8](repeating: 100, count: 4 * 100)
        let picture = Image(width: 100, height: 2, format: .bgrx, bytes: bytes, capturedAt: .now)
        let png = try LibPNGEncoder().png(picture, maxWidth: 50, byteLimit: 1 << 20)
        #expect((png.width, png.height) == (50, 1))
        #expect(try await Self.seen(png).pixels == [UInt8](repeating: 50, count: 150))
    }

    @Test("one that is too large is refused, with what to ask for") func tooLarge() throws {
        do {
            _ = try LibPNGEncoder().png(Self.picture(width: 64, height: 64), maxWidth: 900, byteLimit: 100)
            Issue.record("it fits")
        } catch {
            guard case .tooLarge(_, 100) = error else {
                Issue.record(error)
                return
            }
            #expect(error.refusal.message.contains("maxWidth") && error.refusal.message.contains("jpeg"))
        }
    }

    @Test("other layouts, and fewer bytes than pixels, are no pictures") func wrong() {
        let planar = Image(width: 2, height: 2, format: .yuv420, bytes: [0, 0, 0, 0, 0, 0], capturedAt: .now)
        #expect(throws: MediaError.unsupported(.yuv420)) {
            try LibPNGEncoder().png(planar, maxWidth: 2, byteLimit: 1 << 20)
        }
        let short = Image(width: 2, height: 2, format: .bgrx, bytes: [0], capturedAt: .now)
        #expect(throws: MediaError.self) { try LibPNGEncoder().png(short, maxWidth: 2, byteLimit: 1 << 20) }
    }
}
