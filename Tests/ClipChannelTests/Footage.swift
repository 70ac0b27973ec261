import LinuxIO
import NodeMedia
import NodeTesting

@testable import ClipChannel

/// The studio's pictures as cameras with a compressor of their own send them; compressed by a foreign program.
struct Footage: Sendable {
    let frames: [[UInt8]]

    static func mjpeg(
        _ studio: Studio, count: Int, pixels: String, filter: String = "null"
    ) async throws -> Footage {
        let how = ["-vf", filter, "-pix_fmt", pixels, "-q:v", "2", "-f", "mjpeg"]
        let stream = try await compressed(studio, count, how)
        var frames: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let length = try JPEGStructure(Array(rest)).length
            frames.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return Footage(frames: frames)
    }

    /// Every tenth one a key frame.
    static func h264(_ studio: Studio, count: Int) async throws -> Footage {
        let stream = try await compressed(
            studio, count,
            [
                "-pix_fmt", "yuv420p", "-c:v", "libx264", "-bf", "0", "-g", "10", "-x264-params",
                "aud=1:scenecut=0:repeat-headers=1", "-f", "h264",
            ])
        // Each picture begins with a delimiter (ITU-T H.264, 7.3.2.4).
        let delimiter: [UInt8] = [0, 0, 0, 1, 9]
        let starts = stream.indices.dropLast(4).filter { Array(stream[$0..<$0 + 5]) == delimiter } + [stream.count]
        return Footage(frames: zip(starts, starts.dropFirst()).map { Array(stream[$0..<$1]) })
    }

    /// A picture of one component, all of it of the level 16, as no encoder at hand makes them (ITU-T T.81).
    static let darkGrey: [UInt8] = {
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        var picture: [UInt8] = [0xFF, 0xD8]
        func add(segment marker: UInt8, _ content: [UInt8]...) {
            let content = Array(content.joined())
            picture += [0xFF, marker, 0, UInt8(content.count + 2)]
            picture += content
        }
        let (height, width) = (UInt16(Studio.height), UInt16(Studio.width))
        let size = [UInt8(height >> 8), UInt8(height & 0xFF), UInt8(width >> 8), UInt8(width & 0xFF)]
        // The mean of a block is a step of one. Means: 0 for no difference, 10 for one of seven bits; all else: 0, for nothing.
        add(segment: 0xDB, [0], [UInt8](repeating: 8, count: 64))
        add(segment: 0xC0, [8], size, [1, 1, 0x11, 0])
        add(segment: 0xC4, [0x00, 1, 1], zeros(14), [0, 7])
        add(segment: 0xC4, [0x10, 1], zeros(15), [0])
        add(segment: 0xDA, [1, 1, 0x00, 0, 63, 0])
        // 16 is 112 below the middle: 10, 0001111, 0; then two zeros a block.
        let bits = 8 + 2 * Studio.width * Studio.height / 64
        picture += [0x87, 0x80]
        picture += zeros((bits + 7) / 8 - 2)
        picture += [0xFF, 0xD9]
        return picture
    }()

    private static func compressed(_ studio: Studio, _ count: Int, _ how: [String]) async throws -> [UInt8] {
        let folder = try ScratchFolder()
        var raw: [UInt8] = []
        for number in 0..<count { raw += Studio.picture(number, at: Studio.start).bytes }
        try StateFile.write(folder.file("raw"), raw, durable: false)
        return try await studio.run(
            "/usr/bin/ffmpeg",
            [
                "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "\(Studio.width)x\(Studio.height)", "-r",
                "30", "-i", folder.file("raw"),
            ] + how + ["-"])
    }

    func image(_ number: Int, _ format: PixelFormat, at time: MonotonicTime) -> Image {
        Image(
            width: Studio.width, height: Studio.height, format: format, bytes: frames[number], capturedAt: time)
    }
}
