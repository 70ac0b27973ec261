import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeAudio

@Suite("Audio capability")
struct AudioCapabilityTests {
    private func answer(_ command: CommandName, _ driver: ToneDriver, _ params: String = "{}") async -> Reply {
        let capability = AudioCapability.capability(system: SoundSystem(driver), encoder: AbsentEncoder())
        let invocation = Invocation(id: "1", command: command, params: Array(params.utf8), payloadLimit: 24 << 20)
        let handler = capability.handlers.first { $0.name == command }
        return await handler?.perform(invocation, .test()) ?? .refused(.unknownCommand(command))
    }

    @Test("what is claimed is what is served") func commands() {
        let capability = AudioCapability.capability(system: SoundSystem(ToneDriver()), encoder: AbsentEncoder())
        #expect(capability.name == "microphone")
        #expect(capability.handlers.map(\.name) == AudioCapability.commands)
        #expect(AudioCapability.commands == ["audio.list", "audio.record", "mic.record", "audio.level"])
    }

    @Test("the alias does the same") func alias() async throws {
        let reply = await answer("mic.record", ToneDriver(), #"{"durationMs":250}"#)
        #expect(try reply.blob?.file.bytes().count == 44 + 8_000)
    }

    @Test("audio.list shows sources and sinks with what is known of them") func list() async throws {
        let text = String(decoding: try await answer("audio.list", ToneDriver()).outcome.get(), as: UTF8.self)
        let sinks = #"[{"default":true,"id":"out","muted":false,"name":"A loudspeaker","volume":0.5}]"#
        let sources = #"[{"default":true,"id":"mic","monitor":false,"name":"A microphone"}]"#
        #expect(text == #"{"sinks":\#(sinks),"sources":\#(sources)}"#)
    }

    @Test("audio.level tells decibels below full scale, and no sound") func level() async throws {
        let reply = await answer("audio.level", ToneDriver())
        #expect(String(decoding: try reply.outcome.get(), as: UTF8.self) == #"{"peakDb":-6.02,"rmsDb":-9.03}"#)
        #expect(reply.blob == nil)
        let meter = SoundMeter()
        meter.hear([Int16](repeating: 0, count: 100))
        #expect(SoundMeter.decibels(meter.rms) == -120 && SoundMeter.decibels(meter.peak) == -120)
        meter.hear([.min])
        #expect(SoundMeter.decibels(meter.peak) == 0)
    }

    @Test(
        "audio.level listens for a second, unless another time is said",
        arguments: [("{}", 1_000), (#"{"durationMs":2000}"#, 2_000), (#"{"durationMs":1}"#, 250)])
    func levelTime(params: String, milliseconds: Int) async {
        let driver = ToneDriver()
        #expect(await answer("audio.level", driver, params).refusal == nil)
        #expect((milliseconds..<milliseconds + 20).contains(20 * driver.record.chunks))
    }

    @Test(
        "what is wrong with a microphone is told by the code that the wire knows, and with what mends it",
        arguments: [
            (.permission("hw:0", remedy: "run this"), "MIC_PERMISSION_REQUIRED", "run this"),
            (.noSource, "MIC_UNAVAILABLE", "plug one in"), (.busy("hw:0"), "MIC_UNAVAILABLE", "hw:0"),
            (.notFound("x", known: ["a", "b"]), "INVALID_REQUEST", "a, b"),
            (.notFound("x", known: []), "INVALID_REQUEST", "\"x\""),
            (.notFound(String(repeating: "x", count: 5_000), known: ["a"]), "INVALID_REQUEST", "xx…\"; deviceId"),
            (.usualMissing("x", known: ["a", "b"]), "MIC_UNAVAILABLE", "set audio.source to one of: a, b"),
            (.usualMissing("x", known: []), "MIC_UNAVAILABLE", "an id that audio.list shows"),
            (.gone("hw:0"), "MIC_UNAVAILABLE", "ask again"),
            (.failed("hw:0", reason: "I/O error"), "MIC_UNAVAILABLE", "I/O error"),
            (.cancelled, "UNAVAILABLE", "CANCELLED"),
        ] as [(SoundError, String, String)])
    func refusals(error: SoundError, code: String, words: String) async {
        let reply = await answer("audio.record", ToneDriver(.refuses(error)))
        #expect(reply.refusal?.code.rawValue == code)
        #expect(reply.refusal?.message.contains(words) == true)
    }
}
