import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeCamera

/// The sound of clips.
extension CameraClipTests {
    /// Both channels silent, a sample a millisecond.
    func chunk(from start: Int, count: Int) -> SoundChunk {
        SoundChunk(
            samples: [Int16](repeating: 0, count: count * 2), capturedAt: camera.start + .milliseconds(start))
    }

    @Test("the microphone is read while the encoder starts, and nothing of it is lost")
    func soundWhileStarting() async throws {
        let room = OneShot()
        let encoder = RememberingEncoder(camera, room: room)
        let microphone = PreparedMicrophone((0..<50).map { chunk(from: $0 * 20, count: 20) })
        async let reply = clip(#"{"durationMs":1000}"#, encoder: encoder, microphone: microphone)
        try await microphone.isRead.fired()
        #expect(encoder.sounds.isEmpty)
        room.fire()
        #expect(await reply.blob != nil)
        #expect(encoder.sounds.map(\.samples.count).reduce(0, +) == 2_000)
    }

    @Test("sound is taken from the first frame's time to the end of the clip, to the sample")
    func sound() async throws {
        let encoder = RememberingEncoder(camera)
        let chunks = [chunk(from: -30, count: 20), chunk(from: -10, count: 20), chunk(from: 10, count: 995)]
        let microphone = PreparedMicrophone(chunks)
        let reply = await clip(#"{"durationMs":1000}"#, encoder: encoder, microphone: microphone)
        #expect(try text(reply).contains(#""hasAudio":true"#))
        #expect(encoder.plans.map(\.sound) == [microphone.format])
        #expect(encoder.sounds.first?.capturedAt == camera.start)
        #expect(encoder.sounds.map(\.samples.count).reduce(0, +) == 2_000)
    }

    @Test("a clip begins when something is heard") func lateBeginning() async throws {
        let late = OneShot()
        let encoder = RememberingEncoder(camera)
        let microphone = PreparedMicrophone([chunk(from: 1_400, count: 2_000)], late: late)
        async let reply = clip(#"{"durationMs":1000}"#, encoder: encoder, microphone: microphone)
        try await camera.begun.fired()
        // 1.5 s of them.
        for _ in 0..<45 { camera.give() }
        #expect(encoder.frames.isEmpty)
        late.fire()
        #expect(await reply.blob != nil)
        // Of pictures the newest two wait.
        #expect(encoder.frames.first == .nanoseconds(44_000_000_000 / 30))
        #expect(encoder.sounds.map(\.samples.count).reduce(0, +) == 2_000)
    }

    @Test("where nothing is heard a clip begins after two seconds") func silence() async throws {
        let encoder = RememberingEncoder(camera)
        async let reply = clip(#"{"durationMs":1000}"#, encoder: encoder, microphone: PreparedMicrophone())
        await clock.sleeper(at: clock.now + .seconds(2))
        #expect(encoder.frames.isEmpty)
        clock.advance(by: .seconds(2))
        await clock.sleeper(at: clock.now + .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(await reply.blob != nil)
        #expect(encoder.frames.count == 30)
    }

    @Test("sound that comes after the last picture still belongs to the clip, and is waited for")
    func lateSound() async throws {
        let late = OneShot()
        let encoder = RememberingEncoder(camera)
        let microphone = PreparedMicrophone([chunk(from: 0, count: 400), chunk(from: 400, count: 600)], late: late)
        async let reply = clip(#"{"durationMs":1000}"#, encoder: encoder, microphone: microphone)
        await clock.sleeper(at: clock.now + .seconds(1))
        clock.advance(by: .milliseconds(900))
        late.fire()
        #expect(await reply.blob != nil)
        #expect(encoder.sounds.map(\.samples.count).reduce(0, +) == 2_000)
    }

    @Test(
        "without a microphone that opens there is a clip without sound",
        arguments: [nil, SoundError.noSource, .busy("hw:1"), .permission("/dev/snd", remedy: "ask")])
    func noMicrophone(error: SoundError?) async throws {
        let encoder = RememberingEncoder(camera)
        let reply = await clip(encoder: encoder, microphone: error.map { PreparedMicrophone(opening: $0) })
        #expect(try text(reply).contains(#""hasAudio":false"#))
        #expect(encoder.plans.map(\.sound) == [nil] && encoder.frames.count == 90)
    }

    @Test("a microphone that goes leaves the rest of the clip silent")
    func microphoneGoes() async throws {
        let encoder = RememberingEncoder(camera)
        let microphone = PreparedMicrophone([chunk(from: 0, count: 100)], end: .gone("the sound server"))
        let reply = await clip(encoder: encoder, microphone: microphone)
        #expect(try text(reply).contains(#""hasAudio":true"#))
        #expect(encoder.sounds.count == 1 && encoder.frames.count == 90)
    }

    @Test("a microphone that its owner has not switched on is not opened") func switchedOff() async throws {
        let microphone = PreparedMicrophone()
        let reply = await clip(microphone: microphone, isMicrophoneOn: false)
        #expect(try text(reply).contains(#""hasAudio":false"#))
        #expect(microphone.openings == [])
    }

    @Test("who wants no sound gets none, and no microphone is opened")
    func withoutAudio() async throws {
        let microphone = PreparedMicrophone()
        let reply = await clip(#"{"includeAudio":false}"#, microphone: microphone)
        #expect(try text(reply).contains(#""hasAudio":false"#))
        #expect(microphone.openings == [])
    }
}
