import LinuxIO
import NodeCore
import NodeMedia
import Testing

@testable import ClipChannel

/// When pictures and sound of a clip are seen and heard. With the real program; a foreign one judges.
extension EncoderTests {
    @Suite("Times of a clip", .timeLimit(.minutes(5))) struct EncoderTimeTests {
        private static let voice = SoundFormat(sampleRate: 48_000, channels: 2)

        @Test("frames that come late, or not at all, keep their own times, and none is invented")
        func jitter() async throws {
            try await Studio.run { studio in
                let shown = (0..<60).filter { ![4, 5, 6, 20, 41].contains($0) && !(30..<40).contains($0) }
                let due = shown.map { Double($0) / 30 + Double(($0 * 7) % 5 - 2) * 0.004 }
                let clip = try await studio.host.encode(Studio.plan()) { track in
                    for (number, seconds) in zip(shown, due) {
                        let time = Studio.start + .nanoseconds(Int64(seconds * 1e9))
                        try await studio.show(Studio.picture(number, at: time), on: track)
                    }
                }
                #expect(clip.frames == shown.count)
                #expect(try await studio.numbers(clip) == shown)
                let times = try await studio.times(clip)
                #expect(times.count == shown.count)
                for (time, seconds) in zip(times, due) {
                    #expect(abs(time - (seconds - due[0])) < 0.001)
                }
            }
        }

        @Test("a frame of a moment that has passed is left out")
        func backwards() async throws {
            try await Studio.run { studio in
                let clip = try await studio.host.encode(Studio.plan()) { track in
                    for (number, milliseconds) in [0, 33, 33, 20, 66].enumerated() {
                        let time = Studio.start + .milliseconds(milliseconds)
                        try await studio.show(Studio.picture(number, at: time), on: track)
                    }
                }
                #expect(try await studio.numbers(clip) == [0, 1, 4])
            }
        }

        @Test(
            "after a minute sound and pictures are together, however the sound card's clock runs",
            arguments: [0.9998, 1.0002, 1.002])
        func drift(cardRate: Double) async throws {
            try await Studio.run { studio in
                let format = SoundFormat(sampleRate: 16_000, channels: 1)
                let clip = try await studio.host.encode(Studio.plan(sound: format, seconds: 60)) { track in
                    var first = 0
                    for step in 0..<1_200 {
                        if step.isMultiple(of: 4) {
                            let time = Studio.start + .milliseconds(50 * step)
                            try await studio.show(Studio.picture(step / 4 % 256, at: time), on: track)
                        }
                        // A beep a tenth of a second long whenever five have passed, in true time.
                        let rate = Double(format.sampleRate) * cardRate
                        let last = Int(Double(step + 1) * 0.05 * rate)
                        let samples = (first..<last).map { index -> Int16 in
                            let second = Double(index) / rate
                            return second.truncatingRemainder(dividingBy: 5) < 0.1
                                ? Studio.tone(1_000, from: index, count: 1, format)[0] : 0
                        }
                        // The time of arrival is known to some milliseconds.
                        let jitter = Double((step * 11) % 7 - 3) * 0.001
                        let time = Studio.start + .nanoseconds(Int64((Double(first) / rate + jitter) * 1e9))
                        try await track.add(SoundChunk(samples: samples, capturedAt: time))
                        first = last
                    }
                }
                let heard = try await studio.samples(clip, rate: 16_000)
                let beeps = heard.indices.filter { index in
                    abs(Int(heard[index])) > 3_000
                        && heard[max(0, index - 1_600)..<index].allSatisfy { abs(Int($0)) < 3_000 }
                }
                #expect(beeps.count == 12)
                for (number, beep) in beeps.enumerated() {
                    #expect(abs(Double(beep) / 16_000 - Double(number * 5)) < 0.015, "\(number): \(beep)")
                }
                let report = try await studio.judge(clip)
                #expect(abs(report.seconds - 60) < 0.2)
            }
        }

        @Test("what is missing in the sound is silence, and the rest stays where it was")
        func gap() async throws {
            try await Studio.run { studio in
                let format = SoundFormat(sampleRate: 16_000, channels: 1)
                let clip = try await studio.host.encode(Studio.plan(sound: format, seconds: 3)) { track in
                    for step in 0..<60 {
                        let time = Studio.start + .milliseconds(50 * step)
                        try await studio.show(Studio.picture(step, at: time), on: track)
                        if (20..<40).contains(step) { continue }
                        try await track.add(
                            SoundChunk(
                                samples: Studio.tone(1_000, from: step * 800, count: 800, format), capturedAt: time))
                    }
                }
                let heard = try await studio.samples(clip, rate: 16_000)
                #expect(abs(heard.count - 48_000) < 800)
                func loudness(_ seconds: ClosedRange<Double>) -> Int {
                    heard[Int(seconds.lowerBound * 16_000)..<Int(seconds.upperBound * 16_000)].map { abs(Int($0)) }
                        .max()
                        ?? 0
                }
                #expect(loudness(0.2...0.9) > 8_000)
                #expect(loudness(1.1...1.9) < 1_000)
                #expect(loudness(2.1...2.9) > 8_000)
            }
        }

        @Test("what is there twice in the sound is left out once, and the rest comes to where it belongs")
        func surplus() async throws {
            try await Studio.run { studio in
                let format = SoundFormat(sampleRate: 16_000, channels: 1)
                // Half a second after the first one and a half belongs to no time.
                let pieces = Array(0..<30) + Array(30..<40) + Array(30..<60)
                let clip = try await studio.host.encode(Studio.plan(sound: format, seconds: 3)) { track in
                    for step in 0..<60 {
                        try await studio.show(
                            Studio.picture(step, at: Studio.start + .milliseconds(50 * step)), on: track)
                    }
                    for (index, piece) in pieces.enumerated() {
                        let isRepeated = (30..<40).contains(index)
                        let samples = Studio.tone(isRepeated ? 500 : 1_000, from: piece * 800, count: 800, format)
                        try await track.add(
                            SoundChunk(samples: samples, capturedAt: Studio.start + .milliseconds(50 * piece)))
                    }
                }
                let heard = try await studio.samples(clip, rate: 16_000)
                #expect(abs(heard.count - 48_000) < 1_100)
                for (seconds, hertz) in [(0.2...1.4, 1_000.0), (1.6...1.9, 500), (2.1...2.9, 1_000)] {
                    let part = heard[Int(seconds.lowerBound * 16_000)..<Int(seconds.upperBound * 16_000)]
                    #expect(abs(Studio.pitch(part, rate: 16_000) - hertz) < 5, "\(seconds)")
                    #expect(part.contains { $0 > 8_000 })
                }
            }
        }

        @Test("a clip whose microphone never says anything has no sound, and says so")
        func mute() async throws {
            try await Studio.run { studio in
                let clip = try await studio.host.encode(Studio.plan(sound: Self.voice)) { track in
                    try await studio.feed(track, seconds: 1)
                }
                #expect(!clip.hasSound)
                #expect(try await studio.judge(clip).sound == nil)
                #expect(try await studio.numbers(clip) == Array(0..<30))
            }
        }
    }
}
