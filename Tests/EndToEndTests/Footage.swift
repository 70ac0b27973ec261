import LinuxIO
import Testing

/// An MP4 of the pattern camera, as ffmpeg sees it.
struct Footage {
    let codecs: [String]
    /// In seconds, of the whole file.
    let duration: Double
    /// In seconds, of each frame that is shown.
    let times: [Double]
    /// What the box in each of them says is the number of the frame, of those of five seconds.
    let numbers: [Int]
    /// Whether it can be played while it comes.
    let isFastStart: Bool

    private static let (width, height, lastBox) = (1_280, 720, 1_192)

    init(_ file: [UInt8], in scratch: String, on loop: EventLoop) async throws {
        let path = "\(scratch)/clip-\(file.count).mp4"
        try StateFile.write(path, file, durable: false)
        func run(_ program: String, _ words: [String]) async throws -> [UInt8] {
            let run = try await ProgramRun.run(
                "/usr/bin/\(program)", words, outputLimit: 64 << 20, deadline: loop.now + .seconds(50),
                timekeeper: loop,
                on: loop)
            try #require(run.status == .exited(0) && run.said.isEmpty, "\(program): \(run.said)")
            return run.output
        }
        func probe(_ entries: String) async throws -> [Substring] {
            // All streams, but the frames of the pictures only.
            let streams = entries.hasPrefix("frame") ? ["-select_streams", "v"] : []
            let words = ["-v", "error"] + streams + ["-show_entries", entries, "-of", "csv=p=0", path]
            return String(decoding: try await run("ffprobe", words), as: UTF8.self)
                .split(separator: "\n").compactMap { $0.split(separator: ",").first }
        }
        codecs = try await probe("stream=codec_name").map(String.init)
        duration = try await probe("format=duration").first.flatMap { Double($0) } ?? 0
        times = try await probe("frame=best_effort_timestamp_time").compactMap { Double($0) }
        let crop = "format=gray,crop=\(Self.width):1:0:660"
        let rows = try await run(
            "ffmpeg",
            ["-v", "error", "-i", path, "-an", "-fps_mode", "passthrough", "-vf", crop, "-f", "rawvideo", "-"])
        numbers = stride(from: 0, to: rows.count, by: Self.width).map { Self.number(in: rows[$0..<$0 + Self.width]) }
        let boxes = Self.boxes(of: file)
        isFastStart = boxes.firstIndex(of: "moov").map { $0 < boxes.firstIndex(of: "mdat") ?? 0 } ?? false
    }

    /// Whether each frame is the one that was to be seen at its time.
    var isInTime: Bool {
        guard let first = times.first, let start = numbers.first, times.count == numbers.count else { return false }
        return zip(times, numbers).allSatisfy { time, number in
            (start + Int(((time - first) * 30).rounded())) % 150 == number
        }
    }

    /// The box is black within white, and eight pixels further in each frame.
    private static func number(in row: ArraySlice<UInt8>) -> Int {
        let row = Array(row)
        func likeness(_ left: Int) -> Int {
            (0..<80).reduce(0) { sum, x in
                let isWhite = x < 20 || x >= 60
                return sum + (isWhite ? Int(row[left + x]) : 255 - Int(row[left + x]))
            }
        }
        let lefts = Array(stride(from: 0, through: lastBox, by: 8))
        return (lefts.max { likeness($0) < likeness($1) } ?? 0) / 8
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
