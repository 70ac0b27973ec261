import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeAudio

@Suite("audio.record", .timeLimit(.minutes(5)))
struct AudioRecordTests {
    private func record(
        _ driver: ToneDriver, _ params: String, encoder: any ClipEncoder = AbsentEncoder(), source: String? = nil,
        in context: InvocationContext = .test()
    ) async -> Reply {
        let capability = AudioCapability.capability(
            system: SoundSystem(driver, usual: source), encoder: encoder)
        let invocation = Invocation(
            id: "1", command: AudioRecord.name, params: Array(params.utf8), payloadLimit: context.payloadLimit)
        let handler = capability.handlers.first { $0.name == AudioRecord.name }
        return await handler?.perform(invocation, context) ?? .refused(.unknownCommand(AudioRecord.name))
    }

    private struct Answer: Decodable {
        let format: String
        let durationMs: Int
        let sampleRate: Int
        let channels: Int
        let rms: Double
        let peak: Double
    }

    private func answer(_ reply: Reply) throws -> (Answer, [UInt8]) {
        let answer = try JSON.decode(Answer.self, from: try reply.outcome.get())
        #expect(reply.blob?.field == "base64")
        return (answer, try #require(reply.blob).file.bytes())
    }

    @Test(
        "a WAV file is as long as was asked, to the sample, and holds the tone, whatever the device's own format is",
        arguments: [(16_000, 1), (48_000, 2), (44_100, 1), (8_000, 2)])
    func wav(rate: Int, channels: Int) async throws {
        let driver = ToneDriver(only: SoundFormat(sampleRate: rate, channels: channels))
        let (answer, bytes) = try answer(await record(driver, #"{"durationMs":730,"format":"wav"}"#))
        #expect(answer.format == "wav" && answer.durationMs == 730)
        #expect(answer.sampleRate == 16_000 && answer.channels == 1)
        #expect(abs(answer.peak - 0.5) < 0.001 && abs(answer.rms - 0.3535) < 0.001)
        let samples = try #require(Tone.samples(ofWAV: bytes, rate: 16_000, channels: 1))
        #expect(samples.count == 11_680)
        #expect(abs(Tone.frequency(of: samples, rate: 16_000) - 1_000) < 0.5)
        #expect(abs(Tone.level(of: Array(samples[1_000..<10_000])) + 9.03) < 0.1)
        #expect(driver.record.closed == 1)
    }

    @Test("nothing said is five seconds at 16 kHz, one channel, from the usual source") func standard() async throws {
        let driver = ToneDriver()
        let (answer, bytes) = try answer(await record(driver, "{}", source: "desk"))
        #expect(answer.durationMs == 5_000 && bytes.count == 44 + 160_000)
        #expect(driver.record.opened == ["desk"])
        #expect(driver.record.wanted == [SoundFormat(sampleRate: 16_000, channels: 1)])
        _ = await record(driver, #"{"deviceId":"hall","durationMs":250}"#, source: "desk")
        #expect(driver.record.opened == ["desk", "hall"])
    }

    @Test("with an encoder it is Opus unless another format is asked for, of the device's own samples")
    func encoded() async throws {
        let encoder = KeepingEncoder()
        let native = SoundFormat(sampleRate: 48_000, channels: 2)
        for (params, format) in [
            (#"{"durationMs":500}"#, ClipPlan.Container.ogg), (#"{"durationMs":500,"format":"flac"}"#, .flac),
        ] {
            let (answer, bytes) = try answer(await record(ToneDriver(only: native), params, encoder: encoder))
            #expect(answer.format == format.rawValue && bytes == Array("encoded".utf8))
            let plan = encoder.kept.plan
            #expect(plan?.container == format && plan?.sound == native && plan?.video == nil)
            #expect(plan?.storedSound == SoundFormat(sampleRate: 16_000, channels: 1))
            #expect(encoder.kept.samples.count == 48_000)
        }
    }

    @Test("the microphone is read while the encoder starts, and nothing of it is lost") func slowStart() async throws {
        let driver = ToneDriver()
        let encoder = KeepingEncoder { driver.record.chunks == 250 }
        _ = try answer(await record(driver, "{}", encoder: encoder))
        #expect(encoder.kept.samples.count == 80_000)
        #expect(abs(Tone.frequency(of: encoder.kept.samples, rate: 16_000) - 1_000) < 0.5)
    }

    @Test("the reply names the rate that the file has, where its codec lacks the one that was asked for")
    func storedRate() async throws {
        for (format, rate) in [("m4a", 11_025), ("ogg", 12_000), ("flac", 9_000)] {
            let encoder = KeepingEncoder()
            let params = "{\"durationMs\":250,\"sampleRate\":9000,\"format\":\"\(format)\"}"
            let (answer, _) = try answer(await record(ToneDriver(), params, encoder: encoder))
            #expect(answer.sampleRate == rate && encoder.kept.plan?.storedSound?.sampleRate == rate)
        }
    }

    @Test("without an encoder, a format that needs one is refused with the package to install")
    func noEncoder() async {
        let driver = ToneDriver()
        let refusal = await record(driver, #"{"format":"m4a"}"#).refusal
        #expect(refusal?.message.contains("sudo apt install clawnode-encode") == true)
        #expect(driver.record.opened.isEmpty)
    }

    @Test(
        "a recording that cannot be whole in time, or is too large to be sent, is refused before the microphone is opened"
    )
    func hopeless() async {
        let driver = ToneDriver()
        let late = await record(driver, #"{"durationMs":60000}"#, in: .test(budget: .seconds(30)))
        #expect(
            late.refusal?.wireMessage.hasPrefix(
                "UNAVAILABLE: TIMEOUT: recording 60000 ms takes up to 60200 ms, and only 30000 ms are left") == true)
        let large = await record(driver, #"{"format":"wav","durationMs":60000}"#, in: .test(payloadLimit: 1 << 20))
        #expect(large.refusal?.code == .payloadTooLarge)
        #expect(driver.record.opened.isEmpty)
    }

    @Test("a source that goes in the middle is a refusal, never half a file, and is closed") func gone() async {
        let driver = ToneDriver(.breaks(.gone("mic"), after: 5))
        let reply = await record(driver, "{}")
        #expect(reply.refusal == SoundError.gone("mic").refusal && reply.blob == nil)
        #expect(driver.record.closed == 1)
    }
}

@Suite("audio.record params")
struct AudioRecordParamsTests {
    private func decoded(_ text: String) throws -> AudioRecordParams {
        try JSON.decode(AudioRecordParams.self, from: Array(text.utf8))
    }

    @Test(
        "numbers out of range move to the bound",
        arguments: [
            (#"{"durationMs":1}"#, 250, 16_000, 1), (#"{"durationMs":1e9}"#, 60_000, 16_000, 1),
            (#"{"sampleRate":1,"channels":0}"#, 5_000, 8_000, 1),
            (#"{"sampleRate":192000,"channels":8}"#, 5_000, 48_000, 2), (#"{"deviceId":""}"#, 5_000, 16_000, 1),
        ])
    func bounds(text: String, duration: Int, rate: Int, channels: Int) throws {
        let params = try decoded(text)
        #expect(params.source.duration == .milliseconds(duration) && params.source.deviceId == nil)
        #expect(params.format == SoundFormat(sampleRate: rate, channels: channels) && params.container == nil)
    }

    @Test(
        "what cannot be meant is an error that names the field",
        arguments: [
            (#"{"format":"mp4"}"#, "format"), (#"{"format":"OGG"}"#, "format"),
            (#"{"durationMs":"long"}"#, "durationMs"),
            (#"{"sampleRate":true}"#, "sampleRate"), (#"{"channels":[2]}"#, "channels"),
            (#"{"deviceId":7}"#, "deviceId"),
        ])
    func wrong(text: String, field: String) {
        do {
            _ = try decoded(text)
            Issue.record("\(text) was taken")
        } catch { #expect("\(error)".contains(field)) }
    }
}
