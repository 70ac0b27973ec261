import LinuxIO
import NodeCore
import NodeMedia
import Testing

@testable import ClipChannel

/// One after the other: each keeps a processor busy, and a machine that tests at the same time.
@Suite(.serialized) enum EncoderTests {}

/// With the real program; a foreign one judges.
extension EncoderTests {
    @Suite("EncoderHost", .timeLimit(.minutes(5))) struct EncoderHostTests {
        private static let voice = SoundFormat(sampleRate: 48_000, channels: 2)

        // MARK: Pictures

        @Test("raw frames and a tone become an MP4 that shows and sounds the same, its index at the front")
        func clip() async throws {
            try await Studio.run { studio in
                let clip = try await studio.host.encode(Studio.plan(sound: Self.voice)) { track in
                    try await studio.feed(track, seconds: 2, sound: Self.voice)
                }
                #expect(clip.frames == 60)
                #expect(clip.hasSound)
                #expect(clip.duration == .seconds(2))
                let report = try await studio.judge(clip)
                #expect(report.video?.codec == "h264")
                #expect(report.video?.packets == "60")
                // Browsers guess all four where one is missing, and wrongly.
                #expect(report.video?.range == "pc" && report.video?.matrix == "smpte170m")
                #expect(report.video?.primaries == "bt709" && report.video?.transfer == "iec61966-2-1")
                #expect(report.sound?.codec == "aac")
                #expect(report.sound?.sampleRate == "48000")
                #expect(report.sound?.channels == 2)
                #expect(abs(report.seconds - 2) < 0.034)
                #expect(try await studio.numbers(clip) == Array(0..<60))
                let heard = try await studio.samples(clip, rate: 48_000)
                #expect(abs(Studio.pitch(heard[24_000..<72_000], rate: 48_000) - 1_000) < 2)
                let boxes = boxes(try clip.file.bytes()).filter { $0 != "free" }
                #expect(boxes == ["ftyp", "moov", "mdat"])
            }
        }

        /// The outermost boxes of an MP4 (ISO/IEC 14496-12).
        private func boxes(_ bytes: [UInt8]) -> [String] {
            var names: [String] = []
            var offset = 0
            while offset + 8 <= bytes.count {
                names.append(String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self))
                offset += max(8, bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) })
            }
            return names
        }

        @Test(
            "a camera's JPEGs are decoded, however fine their colour is",
            arguments: ["yuvj420p", "yuvj422p", "yuvj444p"])
        func mjpeg(pixels: String) async throws {
            try await Studio.run { studio in
                let footage = try await Footage.mjpeg(studio, count: 30, pixels: pixels)
                let clip = try await studio.host.encode(Studio.plan(.mp4, .mjpeg, seconds: 1)) { track in
                    try await studio.feed(track, seconds: 1) { footage.image($0, .mjpeg, at: $1) }
                }
                #expect(clip.frames == 30)
                #expect(!clip.hasSound)
                let report = try await studio.judge(clip)
                #expect(report.video?.pixels == "yuvj420p")
                #expect(report.sound == nil)
                #expect(try await studio.numbers(clip) == Array(0..<30))
            }
        }

        @Test("a camera without colours keeps its blacks")
        func grey() async throws {
            try await Studio.run { studio in
                let clip = try await studio.host.encode(Studio.plan(.mp4, .mjpeg, seconds: 1)) { track in
                    try await studio.feed(track, seconds: 0.2) { _, time in
                        Image(
                            width: Studio.width, height: Studio.height, format: .mjpeg, bytes: Footage.darkGrey,
                            capturedAt: time)
                    }
                }
                #expect(clip.frames == 6)
                let levels = try await studio.levels(clip)
                #expect(levels.allSatisfy { abs(Int($0) - 16) < 3 }, "\(levels.first ?? 0)")
            }
        }

        @Test("frames that cannot be decoded are left out, and the others keep their times")
        func garbage() async throws {
            try await Studio.run { studio in
                let footage = try await Footage.mjpeg(studio, count: 30, pixels: "yuvj422p")
                let clip = try await studio.host.encode(Studio.plan(.mp4, .mjpeg, seconds: 1)) { track in
                    try await studio.feed(track, seconds: 1) { number, time in
                        let good = footage.image(number, .mjpeg, at: time)
                        let bytes =
                            switch number {
                            case 3: [UInt8](repeating: 0xAB, count: 9_000)
                            case 7: Array(good.bytes.prefix(good.bytes.count / 2))
                            case 11: Array("GET / HTTP/1.1".utf8)
                            default: good.bytes
                            }
                        return Image(
                            width: good.width, height: good.height, format: .mjpeg, bytes: bytes, capturedAt: time)
                    }
                }
                #expect(clip.frames == 27)
                #expect(try await studio.numbers(clip) == (0..<30).filter { ![3, 7, 11].contains($0) })
                let times = try await studio.times(clip)
                #expect(times.count == 27)
                #expect(times.last.map { abs($0 - 29.0 / 30) < 0.002 } == true, "\(times)")
            }
        }

        @Test("only frames that cannot be decoded are no clip, whatever is heard beside them", arguments: [nil, voice])
        func onlyGarbage(sound: SoundFormat?) async throws {
            try await Studio.run { studio in
                let plan = Studio.plan(.mp4, .mjpeg, sound: sound, seconds: 1)
                await #expect(throws: ClipError.unencodable("none of 30 frames could be decoded")) {
                    _ = try await studio.host.encode(plan) { track in
                        try await studio.feed(track, seconds: 1, sound: sound) { _, time in
                            Image(
                                width: Studio.width, height: Studio.height, format: .mjpeg,
                                bytes: [UInt8](repeating: 7, count: 1_000), capturedAt: time)
                        }
                    }
                }
            }
        }

        @Test("what a camera has encoded itself is put in as it is, from the first key frame on")
        func passedThrough() async throws {
            try await Studio.run { studio in
                let footage = try await Footage.h264(studio, count: 40)
                #expect(footage.frames.count == 40)
                let clip = try await studio.host.encode(Studio.plan(.mp4, .h264, sound: Self.voice, seconds: 1)) {
                    track in
                    try await studio.feed(track, seconds: 35.0 / 30, sound: Self.voice) {
                        footage.image($0 + 5, .h264, at: $1)
                    }
                }
                #expect(clip.frames == 30)
                #expect(clip.hasSound)
                #expect(try await studio.numbers(clip) == Array(10..<40))
                // The sound began five frames earlier, and the pictures keep their place beside it.
                let begin = try #require(try await studio.judge(clip).video?.start.flatMap { Double($0) })
                #expect(abs(begin - 5.0 / 30) < 0.002)
            }
        }

        @Test("after a lost frame of such a camera the clip goes on with the next key frame")
        func lostFrame() async throws {
            try await Studio.run { studio in
                let footage = try await Footage.h264(studio, count: 40)
                let clip = try await studio.host.encode(Studio.plan(.mp4, .h264, seconds: 1)) { track in
                    for number in 0..<40 {
                        let time = Studio.start + .nanoseconds(number * 1_000_000_000 / 30)
                        // One that no slot can hold is not waited for.
                        if number == 14 {
                            let large = [UInt8](repeating: 0, count: 1 << 20)
                            let frame = Image(
                                width: Studio.width, height: Studio.height, format: .h264, bytes: large,
                                capturedAt: time)
                            #expect(try await !track.addNeeded(frame))
                        } else {
                            try await studio.show(footage.image(number, .h264, at: time), on: track)
                        }
                    }
                }
                #expect(try await studio.numbers(clip) == Array(0..<14) + Array(20..<40))
            }
        }

        @Test(
            "a frame of such a camera that has no time of its own is there, for those after it refer to it",
            arguments: [(0, 2), (14, 13), (14, 11)])
        func noTime(of late: Int, but other: Int) async throws {
            try await Studio.run { studio in
                let footage = try await Footage.h264(studio, count: 40)
                let clip = try await studio.host.encode(Studio.plan(.mp4, .h264, seconds: 1)) { track in
                    for number in 0..<40 {
                        let moment = number == late ? other : number
                        let time = Studio.start + .nanoseconds(moment * 1_000_000_000 / 30)
                        try await studio.show(footage.image(number, .h264, at: time), on: track)
                    }
                }
                #expect(try await studio.numbers(clip) == Array(0..<40))
            }
        }

        static let turns = Orientation.Turn.allCases

        @Test("a camera that hangs askew gives an upright clip, whoever turns it", arguments: turns, [false, true])
        func upright(turn: Orientation.Turn, isMirrored: Bool) async throws {
            try await Studio.run { studio in
                let orientation = Orientation(turn: turn, isMirrored: isMirrored)
                let footage = try await Footage.h264(studio, count: 10)
                for format in [PixelFormat.yuv420, .h264] {
                    var plan = Studio.plan(.mp4, format, seconds: 1)
                    plan.video?.orientation = orientation
                    let clip = try await studio.host.encode(plan) { track in
                        try await studio.feed(track, seconds: 10.0 / 30) { number, time in
                            format == .h264 ? footage.image(number, .h264, at: time) : Studio.picture(number, at: time)
                        }
                    }
                    // Turned by whoever shows it, or already. The foreign decoder turns it back before the numbers are read.
                    let back =
                        switch turn {
                        case .none: "null"
                        case .quarter: "transpose=2"
                        case .half: "hflip,vflip"
                        case .threeQuarters: "transpose=1"
                        }
                    let filter = isMirrored ? back + ",hflip" : back
                    #expect(try await studio.numbers(clip, filter: filter) == Array(0..<10), "\(format)")
                }
            }
        }

        @Test("an odd number of rows or columns costs the last of them")
        func odd() async throws {
            try await Studio.run { studio in
                var plan = ClipPlan(.mp4, duration: .seconds(1), limit: 1 << 20)
                plan.video = ClipPlan.Video(format: .yuv420, width: 161, height: 121, framesPerSecond: 30)
                let clip = try await studio.host.encode(plan) { track in
                    let bytes = [UInt8](repeating: 100, count: Image.yuv420Size(width: 161, height: 121))
                    try await studio.show(
                        Image(width: 161, height: 121, format: .yuv420, bytes: bytes, capturedAt: Studio.start),
                        on: track)
                }
                let video = try await studio.judge(clip).video
                #expect(video?.width == 160)
                #expect(video?.height == 120)
                #expect(clip.frames == 1)
            }
        }

        // MARK: The limit

        @Test("noise, which nothing compresses, still fits")
        func fits() async throws {
            try await Studio.run { studio in
                let limit = 300_000
                let clip = try await studio.host.encode(Studio.plan(seconds: 2, limit: limit)) { track in
                    try await studio.feed(track, seconds: 2) { Self.noise($0, at: $1) }
                }
                #expect(clip.frames == 60)
                #expect(clip.file.size <= limit)
                #expect(clip.file.size > limit / 3)
            }
        }

        @Test("what cannot fit is refused as soon as that is seen")
        func tooLarge() async throws {
            try await Studio.run { studio in
                do {
                    _ = try await studio.host.encode(Studio.plan(.wav, nil, sound: Self.voice, limit: 100_000)) {
                        track in
                        var first = 0
                        for step in 1... {
                            try await studio.hear(Self.voice, from: &first, until: Double(step) / 10, on: track)
                        }
                    }
                    Issue.record("it was not refused")
                } catch ClipError.tooLarge(let bytes, let limit) {
                    #expect(limit == 100_000)
                    #expect(bytes > limit)
                }
            }
        }

        private static func noise(_ number: Int, at time: MonotonicTime) -> Image {
            var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
            let bytes = (0..<Image.yuv420Size(width: Studio.width, height: Studio.height)).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            return Image(width: Studio.width, height: Studio.height, format: .yuv420, bytes: bytes, capturedAt: time)
        }

        @Test("two clips at once are two clips")
        func together() async throws {
            try await Studio.run { studio in
                async let first = studio.host.encode(Studio.plan(seconds: 1)) { try await studio.feed($0, seconds: 1) }
                async let second = studio.host.encode(Studio.plan(seconds: 1)) { track in
                    try await studio.feed(track, seconds: 1) { Studio.picture($0 + 100, at: $1) }
                }
                let (one, other) = try await (first, second)
                #expect(try await studio.numbers(one) == Array(0..<30))
                #expect(try await studio.numbers(other) == Array(100..<130))
            }
        }
    }
}
