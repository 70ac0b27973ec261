import Glibc
import LinuxIO
import NodeAudio
import NodeMedia
import NodeTesting
import Testing

@testable import SoundPulse

/// With the real servers.
@Suite("Pulse driver", .timeLimit(.minutes(5)))
struct PulseDriverTests {
    private static let speech = SoundFormat(sampleRate: 16_000, channels: 1)

    /// The next `count` moments.
    private static func samples(_ source: any OpenSource, _ count: Int) async throws -> [Int16] {
        var samples: [Int16] = []
        while samples.count < count * source.format.channels { samples += try await source.next().samples }
        return Array(samples.prefix(count * source.format.channels))
    }

    private static func open(
        _ server: SoundServer, _ id: String?, as format: SoundFormat = speech
    ) async throws -> any OpenSource {
        try #require(try await server.driver.open(id, as: format))
    }

    @Test("PulseAudio's sources and sinks are listed, and a microphone is the usual one, not what the machine plays")
    func list() async throws {
        try await SoundServer.pulseAudio { server in
            let devices = try await server.driver.devices()
            #expect(
                devices?.sources.map(\.id) == ["quiet.monitor", "tone"]
                    && devices?.sources.map(\.monitor) == [true, false]
                    && devices?.sources.map(\.default) == [false, true])
            #expect(devices?.sources.last?.name == "Sine source at 1000 Hz")
            #expect(
                devices?.sinks == [
                    SoundSink(id: "quiet", name: "Null Output", isDefault: true, volume: 1, isMuted: false)
                ])
        }
    }

    @Test("PulseAudio's tone is recorded as it is, in the format that is wanted") func tone() async throws {
        try await SoundServer.pulseAudio { server in
            for format in [Self.speech, SoundFormat(sampleRate: 44_100, channels: 2)] {
                let source = try await Self.open(server, nil, as: format)
                #expect(source.id == "tone" && source.format == format)
                let samples = try await Self.samples(source, format.sampleRate)
                await source.close()
                let left = stride(from: 0, to: samples.count, by: format.channels).map { samples[$0] }
                #expect(abs(Tone.frequency(of: left, rate: format.sampleRate) - 1_000) < 1)
                // Half of the full amplitude.
                #expect(abs(Tone.level(of: left) + 9.03) < 0.5)
            }
        }
    }

    @Test("PipeWire's sources are heard the same way, what is played to a sink among them") func pipeWire() async throws
    {
        try await SoundServer.pipeWire { server in
            let sources = try await server.driver.devices()?.sources ?? []
            #expect(sources.contains { $0.id == "quiet.monitor" && $0.monitor })
            // There is no microphone, and nobody who asks for one wants to hear what is played.
            await #expect(throws: SoundError.noSource) { _ = try await server.driver.open(nil, as: Self.speech) }
            try await server.playing(440) {
                let source = try await Self.open(
                    server, "quiet.monitor", as: SoundFormat(sampleRate: 16_000, channels: 2))
                // Until the player is heard, it is silent.
                while try await source.next().samples.allSatisfy({ abs($0) < 8_000 }) {}
                let samples = try await Self.samples(source, 16_000)
                await source.close()
                let left = stride(from: 0, to: samples.count, by: 2).map { samples[$0] }
                #expect(abs(Tone.frequency(of: left, rate: 16_000) - 440) < 1)
                #expect(abs(Tone.level(of: left) + 9.03) < 0.5)
            }
        }
    }

    @Test("what the default sink plays is heard by whoever asks for that")
    func playback() async throws {
        try await SoundServer.pulseAudio { server in
            let system = SoundSystem([server.driver], timekeeper: server.loop, log: .silent)
            try await server.playing(440) {
                let samples = try await system.playback(for: "screen.record", patience: .seconds(60))
                    .record(from: nil, as: Self.speech) { stream in
                        // Until the player is heard, it is silent.
                        while try await stream.next().samples.allSatisfy({ abs($0) < 8_000 }) {}
                        var samples: [Int16] = []
                        while samples.count < 16_000 { samples += try await stream.next().samples }
                        return Array(samples.prefix(16_000))
                    }
                #expect(abs(Tone.frequency(of: samples, rate: 16_000) - 440) < 1)
            }
        }
    }

    @Test("times go on as evenly as the samples, and are those of the machine's own clock") func times() async throws {
        try await SoundServer.pipeWire { server in
            let asked = MonotonicTime.now
            let source = try await Self.open(server, "quiet.monitor")
            // A server that is not given the processor loses sound, and ours reads it late: then more time passes than there is
            // sound, and never less. The clock is set by a question, and right up to the time that its answer took.
            let slack = Duration.milliseconds(250) + asked.duration(to: .now)
            let first = try await source.next()
            #expect(first.capturedAt > asked + (.zero - slack))
            var last = first
            var (frames, came) = (0, MonotonicTime.now)
            while frames < 3 * 16_000 {
                #expect(last.capturedAt < came + slack, "sound that is still to come")
                frames += last.samples.count
                let next = try await source.next()
                came = .now
                #expect(next.capturedAt + (slack - .milliseconds(250)) > last.capturedAt)
                last = next
            }
            await source.close()
            let length = Duration.seconds(Double(frames) / 16_000)
            let time = first.capturedAt.duration(to: last.capturedAt)
            #expect(time > length - slack)
            // As much as has passed here, beside what the server has not been able to deliver.
            #expect(time < asked.duration(to: came) + slack)
        }
    }

    @Test("an unknown source is refused with those that there are") func unknown() async throws {
        try await SoundServer.pulseAudio { server in
            await #expect(throws: SoundError.notFound("desk", known: ["quiet.monitor", "tone"])) {
                _ = try await server.driver.open("desk", as: Self.speech)
            }
        }
    }

    @Test("two record at once, each all of it") func two() async throws {
        try await SoundServer.pulseAudio { server in
            let first = try await Self.open(server, nil)
            let second = try await Self.open(server, "tone")
            async let one = Self.samples(first, 16_000)
            async let other = Self.samples(second, 16_000)
            for samples in [try await one, try await other] {
                #expect(abs(Tone.frequency(of: samples, rate: 16_000) - 1_000) < 1)
            }
            await first.close()
            await second.close()
        }
    }

    @Test("a server that dies in the middle is told as a source that is gone, at once") func killed() async throws {
        try await SoundServer.pulseAudio { server in
            let source = try await Self.open(server, "tone")
            _ = try await source.next()
            await server.processes[0].end()
            await #expect(throws: SoundError.gone("tone")) { while true { _ = try await source.next() } }
            // Who asks now finds nobody, and goes another way.
            let devices = try await server.driver.devices()
            let next = try await server.driver.open(nil, as: Self.speech)
            #expect(devices == nil && next == nil)
        }
    }

    @Test("who has withdrawn is not kept waiting") func cancelled() async throws {
        try await SoundServer.pulseAudio { server in
            let source = try await Self.open(server, "tone")
            let heard = await withTaskGroup(of: SoundError?.self) { group in
                group.addTask {
                    do throws(SoundError) { while true { _ = try await source.next() } } catch { return error }
                }
                group.cancelAll()
                return await group.next() ?? nil
            }
            await source.close()
            #expect(heard == .cancelled)
        }
    }

    @Test("where no server listens this way leads nowhere, and none is started") func none() async throws {
        let folder = try ScratchFolder()
        try await onEventLoop { loop in
            let driver = PulseDriver(variables: ["XDG_RUNTIME_DIR": folder.path, "HOME": folder.path], on: loop)
            let devices = try await driver.devices()
            let source = try await driver.open("tone", as: Self.speech)
            #expect(devices == nil && source == nil)
        }
        #expect(folder.names.isEmpty)
    }

    @Test("a path that leads through a file is no server's, and one that can be nobody's is an error") func nowhere()
        async throws
    {
        try await onEventLoop { loop in
            let long = "/" + String(repeating: "x", count: 200)
            let driver = PulseDriver(variables: ["PULSE_SERVER": "unix:" + long], on: loop)
            await #expect(throws: SoundError.self) { _ = try await driver.devices() }
            let none = try await PulseDriver(variables: ["PULSE_SERVER": "/dev/null/x"], on: loop).devices()
            #expect(none == nil)
        }
    }
}
