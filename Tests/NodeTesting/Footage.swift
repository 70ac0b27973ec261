import LinuxIO

/// An MP4, as ffmpeg sees it.
package struct Footage: Sendable {
    package let codecs: [String]
    /// In seconds, of the whole file.
    package let duration: Double
    /// In seconds, of each frame that is shown.
    package let times: [Double]
    /// Of its pictures; 0 where it has none.
    package let width: Int
    /// Whether it can be played while it comes.
    package let isFastStart: Bool
    private let path: String
    private let loop: EventLoop

    package struct Unreadable: Error {
        let program: String
        let said: String
    }

    /// `folder` gets a copy of it.
    package init(_ file: [UInt8], in folder: ScratchFolder, on loop: EventLoop) async throws {
        path = folder.file("clip-\(file.count).mp4")
        self.loop = loop
        try StateFile.write(path, file, durable: false)
        let boxes = Self.boxes(of: file)
        isFastStart = boxes.firstIndex(of: "moov").map { $0 < boxes.firstIndex(of: "mdat") ?? 0 } ?? false
        let path = path
        func probe(_ entries: String, _ streams: String...) async throws -> [Substring] {
            let words = streams + ["-show_entries", entries, "-of", "csv=p=0", path]
            return String(decoding: try await Self.run("ffprobe", words, on: loop), as: UTF8.self)
                .split(separator: "\n").compactMap { $0.split(separator: ",").first }
        }
        codecs = try await probe("stream=codec_name").map(String.init)
        duration = try await probe("format=duration").first.flatMap { Double($0) } ?? 0
        times = try await probe("frame=best_effort_timestamp_time", "-select_streams", "v").compactMap { Double($0) }
        width = try await probe("stream=width", "-select_streams", "v").first.flatMap { Int($0) } ?? 0
    }

    /// Of each frame, how light the points of these rows are, one row after the other.
    package func light(ofRows rows: Range<Int>) async throws -> [[UInt8]] {
        // At whole seconds, for ffmpeg complains of what its raw files have no times for.
        let crop = "format=gray,crop=\(width):\(rows.count):0:\(rows.lowerBound),setpts=N/TB"
        let words = ["-i", path, "-an", "-fps_mode", "passthrough", "-vf", crop, "-f", "rawvideo", "-"]
        let bytes = try await Self.run("ffmpeg", words, on: loop)
        let size = width * rows.count
        return stride(from: 0, to: bytes.count - size + 1, by: size).map { Array(bytes[$0..<$0 + size]) }
    }

    /// One channel of what is heard.
    package func sound(rate: Int) async throws -> [Int16] {
        let words = ["-i", path, "-vn", "-f", "s16le", "-ac", "1", "-ar", "\(rate)", "-"]
        let bytes = try await Self.run("ffmpeg", words, on: loop)
        return bytes.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    private static func run(_ program: String, _ words: [String], on loop: EventLoop) async throws -> [UInt8] {
        let run = try await ProgramRun.run(
            "/usr/bin/\(program)", ["-v", "error"] + words, outputLimit: 64 << 20,
            deadline: loop.now + .seconds(50), timekeeper: loop, on: loop)
        guard run.status == .exited(0), run.said.isEmpty else { throw Unreadable(program: program, said: run.said) }
        return run.output
    }

    /// The kinds of its outermost parts (ISO 14496-12, 4.2).
    private static func boxes(of file: [UInt8]) -> [String] {
        var kinds: [String] = []
        var start = 0
        while start + 8 <= file.count {
            let size = file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            kinds.append(String(decoding: file[start + 4..<start + 8], as: UTF8.self))
            if size < 8 { break }
            start += size
        }
        return kinds
    }
}
