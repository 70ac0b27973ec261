import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import ClipChannel

/// A host for the real encoder, things to encode, and a judge that has no part in either.
struct Studio: Sendable {
    let host: EncoderHost
    let loop: EventLoop

    static func run<R: Sendable>(_ body: @escaping @Sendable (Studio) async throws -> R) async throws -> R {
        try await onEventLoop { loop in
            let host = EncoderHost(variables: EnvironmentVariables.current(), on: loop, log: .silent)
            return try await body(Studio(host: host, loop: loop))
        }
    }

    // MARK: What there is to see and to hear

    static let width = 320
    static let height = 240
    static let start = MonotonicTime(nanoseconds: 5_000_000_000)

    /// Eight squares along the upper edge are the number's bits, the lowest first; below them is something that moves.
    static func picture(_ number: Int, at time: MonotonicTime) -> Image {
        var bytes = [UInt8](repeating: 128, count: Image.yuv420Size(width: width, height: height))
        for y in 0..<height {
            for x in 0..<width {
                let isSet = number >> (x / 40) & 1 == 1
                bytes[y * width + x] = y < 40 ? (isSet ? 235 : 16) : UInt8(truncatingIfNeeded: x + y + 4 * number)
            }
        }
        return Image(width: width, height: height, format: .yuv420, bytes: bytes, capturedAt: time)
    }

    static func tone(_ hertz: Double, from first: Int, count: Int, _ format: SoundFormat) -> [Int16] {
        (first..<first + count).flatMap { index in
            let value = 10_000 * sin(2 * Double.pi * hertz * Double(index) / Double(format.sampleRate))
            return [Int16](repeating: Int16(value), count: format.channels)
        }
    }

    static func plan(
        _ container: ClipPlan.Container = .mp4, _ format: PixelFormat? = .yuv420, sound: SoundFormat? = nil,
        seconds: Double = 2, limit: Int = 16 << 20
    ) -> ClipPlan {
        let video = format.map { ClipPlan.Video(format: $0, width: width, height: height, framesPerSecond: 30) }
        return ClipPlan(container, video: video, sound: sound, duration: .seconds(seconds), limit: limit)
    }

    /// Adds `frame` once there is room.
    func show(_ frame: Image, on track: any ClipTrack) async throws {
        if frame.format == .h264 {
            #expect(try await track.addNeeded(frame))
            return
        }
        while !track.add(frame) { try await loop.sleep(for: .milliseconds(1)) }
    }

    /// Frames of thirty a second, with the times they have, and sound beside them as a card delivers it.
    func feed(
        _ track: any ClipTrack, seconds: Double, sound: SoundFormat? = nil, cardRate: Double = 1,
        frame: @Sendable (Int, MonotonicTime) -> Image? = Studio.picture
    ) async throws {
        var delivered = 0
        for number in 0..<Int(seconds * 30) {
            let time = Self.start + .nanoseconds(number * 1_000_000_000 / 30)
            if let frame = frame(number, time) { try await show(frame, on: track) }
            if let sound {
                try await hear(sound, from: &delivered, until: Double(number + 1) / 30, cardRate, on: track)
            }
        }
    }

    /// `cardRate` is how fast the card's clock runs.
    func hear(
        _ format: SoundFormat, from first: inout Int, until seconds: Double, _ cardRate: Double = 1,
        on track: any ClipTrack
    ) async throws {
        let rate = Double(format.sampleRate) * cardRate
        let count = Int(seconds * rate) - first
        guard count > 0 else { return }
        let time = Self.start + .nanoseconds(Int64(Double(first) / rate * 1e9))
        try await track.add(
            SoundChunk(samples: Self.tone(1_000, from: first, count: count, format), capturedAt: time))
        first += count
    }

    // MARK: The judge

    func run(_ program: String, _ arguments: [String]) async throws -> [UInt8] {
        let run = try await ProgramRun.run(
            program, arguments, outputLimit: 64 << 20, deadline: loop.now + .seconds(50), timekeeper: loop, on: loop)
        try #require(run.status == .exited(0), "\(program): \(run.said)")
        return run.output
    }

    struct Report: Decodable {
        struct Stream: Decodable {
            var codec: String
            var type: String
            var packets: String
            var start: String?
            var sampleRate: String?
            var channels: Int?
            var width: Int?
            var height: Int?
            var pixels: String?
            var range: String?
            var matrix: String?
            var primaries: String?
            var transfer: String?

            enum CodingKeys: String, CodingKey {
                case codec = "codec_name"
                case type = "codec_type"
                case packets = "nb_read_packets"
                case start = "start_time"
                case sampleRate = "sample_rate"
                case pixels = "pix_fmt"
                case range = "color_range"
                case matrix = "color_space"
                case primaries = "color_primaries"
                case transfer = "color_transfer"
                case channels, width, height
            }
        }

        struct Format: Decodable {
            var duration: String
        }

        var streams: [Stream]
        var format: Format

        var video: Stream? { streams.first { $0.type == "video" } }
        var sound: Stream? { streams.first { $0.type == "audio" } }
        var seconds: Double { Double(format.duration) ?? -1 }
    }

    func judge(_ clip: EncodedClip) async throws -> Report {
        let text = try await run(
            "/usr/bin/ffprobe",
            [
                "-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", Self.path(clip),
            ])
        return try JSON.decode(Report.self, from: text)
    }

    /// Where another process finds the file.
    static func path(_ clip: EncodedClip) -> String { "/proc/\(getpid())/fd/\(clip.file.descriptor)" }

    /// The lightness of all points of all pictures, by a foreign decoder.
    func levels(_ clip: EncodedClip, filter: String = "null") async throws -> [UInt8] {
        try await run(
            "/usr/bin/ffmpeg",
            [
                "-v", "error", "-i", Self.path(clip), "-an", "-vf", filter, "-vsync", "passthrough", "-f", "rawvideo",
                "-pix_fmt", "gray", "-",
            ])
    }

    /// The numbers in the pictures.
    func numbers(_ clip: EncodedClip, filter: String = "null") async throws -> [Int] {
        let bytes = try await levels(clip, filter: filter)
        let size = Self.width * Self.height
        return stride(from: 0, to: bytes.count - size + 1, by: size).map { start in
            (0..<8).reduce(0) { $0 | (bytes[start + 20 * Self.width + 20 + 40 * $1] > 128 ? 1 << $1 : 0) }
        }
    }

    /// When the pictures are shown, in seconds.
    func times(_ clip: EncodedClip) async throws -> [Double] {
        let text = try await run(
            "/usr/bin/ffprobe",
            [
                "-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0",
                Self.path(clip),
            ]
        )
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap {
            Double($0.split(separator: ",")[0])
        }
    }

    /// The sound as a foreign decoder hears it, one channel.
    func samples(_ clip: EncodedClip, rate: Int) async throws -> [Int16] {
        let bytes = try await run(
            "/usr/bin/ffmpeg",
            ["-v", "error", "-i", Self.path(clip), "-vn", "-f", "s16le", "-ac", "1", "-ar", "\(rate)", "-"])
        return bytes.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    /// How often a tone swings in a second, by its upward crossings of zero.
    static func pitch(_ samples: ArraySlice<Int16>, rate: Int) -> Double {
        let crossings = samples.indices.dropFirst().filter { samples[$0 - 1] < 0 && samples[$0] >= 0 }
        guard let first = crossings.first, let last = crossings.last, last > first else { return 0 }
        return Double(crossings.count - 1) * Double(rate) / Double(last - first)
    }
}
