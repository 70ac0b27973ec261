import LinuxIO
import NodeCore
import NodeMedia
import Testing

@testable import ClipChannel

/// Recordings without pictures. With the real program; a foreign one judges.
extension EncoderTests {
    @Suite("Recordings", .timeLimit(.minutes(5))) struct EncoderSoundTests {
        private static let voice = SoundFormat(sampleRate: 48_000, channels: 2)

        @Test(
            "sound alone comes in each container as it was",
            arguments: zip([ClipPlan.Container.m4a, .ogg, .flac, .wav], ["aac", "opus", "flac", "pcm_s16le"]))
        func sound(container: ClipPlan.Container, codec: String) async throws {
            try await Studio.run { studio in
                let clip = try await studio.host.encode(Studio.plan(container, nil, sound: Self.voice)) { track in
                    var first = 0
                    for step in 1...20 {
                        try await studio.hear(Self.voice, from: &first, until: Double(step) / 10, on: track)
                    }
                }
                #expect(clip.duration == .seconds(2))
                #expect(clip.frames == 0)
                #expect(clip.hasSound)
                let report = try await studio.judge(clip)
                #expect(report.streams.count == 1)
                #expect(report.sound?.codec == codec)
                #expect(report.sound?.channels == 2)
                #expect(abs(report.seconds - 2) < 0.03)
                let heard = try await studio.samples(clip, rate: 48_000)
                #expect(abs(Studio.pitch(heard[24_000..<72_000], rate: 48_000) - 1_000) < 1)
                if container == .flac || container == .wav {
                    #expect(
                        heard
                            == Studio.tone(1_000, from: 0, count: 96_000, SoundFormat(sampleRate: 48_000, channels: 1)))
                }
            }
        }

        @Test("sound is stored as asked for, or as near to it as the codec can", arguments: ClipPlan.Container.allCases)
        func resampled(container: ClipPlan.Container) async throws {
            try await Studio.run { studio in
                for (asked, nearest) in [(16_000, 16_000), (22_050, container == .ogg ? 24_000 : 22_050)] {
                    var plan = Studio.plan(container, nil, sound: Self.voice)
                    plan.storedSound = SoundFormat(sampleRate: asked, channels: 1)
                    let clip = try await studio.host.encode(plan) { track in
                        var first = 0
                        try await studio.hear(Self.voice, from: &first, until: 2, on: track)
                    }
                    let sound = try await studio.judge(clip).sound
                    // A decoder of Opus always says 48000.
                    #expect(sound?.sampleRate == (container == .ogg ? "48000" : "\(nearest)"))
                    #expect(sound?.channels == 1)
                    let heard = try await studio.samples(clip, rate: 48_000)
                    #expect(abs(heard.count - 96_000) < 48_000 * 1_024 / 16_000)
                    #expect(abs(Studio.pitch(heard[24_000..<72_000], rate: 48_000) - 1_000) < 2)
                }
            }
        }
    }
}
