import NodeCore
import NodeMedia
import NodeTesting
import Testing

@testable import NodeCamera

@Suite("camera.clip", .timeLimit(.minutes(5)))
struct CameraClipTests {
    /// Thirty a second, for ten seconds.
    private static let frames = (0..<300).map { Duration.nanoseconds($0 * 1_000_000_000 / 30) }
    let camera = FilmCamera(frames)
    let clock = HandClock()

    func clip(
        _ params: String = "{}", _ camera: FilmCamera? = nil, encoder: RememberingEncoder? = nil,
        microphone: PreparedMicrophone? = nil, budget: Duration? = nil, payloadLimit: Int = 25 << 20,
        isMicrophoneOn: Bool = true, placements: [CameraPlacement] = [],
        limit: CaptureLimit = CaptureLimit(perSecond: 4)
    ) async -> Reply {
        let camera = camera ?? self.camera
        let command = CameraClip(
            finder: CameraFinder(NamedCameras(camera, placements), defaultDevice: nil),
            recorder: ClipRecorder(
                encoder: encoder ?? RememberingEncoder(camera),
                microphone: microphone ?? PreparedMicrophone(opening: .noSource)),
            limit: limit)
        let context = InvocationContext(
            id: "1", deadline: budget.map { clock.now + $0 }, payloadLimit: payloadLimit,
            capabilities: isMicrophoneOn ? ["camera", "microphone"] : ["camera"], timekeeper: clock, log: .silent)
        let invocation = Invocation(
            id: "1", command: CameraClip.name, params: Array(params.utf8), payloadLimit: payloadLimit)
        return await Handler(command).perform(invocation, context)
    }

    func text(_ reply: Reply) throws -> String {
        String(decoding: try reply.outcome.get(), as: UTF8.self)
    }

    private func refusal(_ reply: Reply) -> String {
        #expect(reply.blob == nil)
        guard case .failure(let refusal) = reply.outcome else { return "not refused" }
        return refusal.wireMessage
    }

    @Test("the reply says what was asked for and whether there is sound, and has the file as base64")
    func reply() async throws {
        let encoder = RememberingEncoder(camera)
        let reply = await clip(#"{"durationMs":2000}"#, encoder: encoder)
        #expect(try text(reply) == #"{"durationMs":2000,"format":"mp4","hasAudio":false}"#)
        #expect(reply.blob?.field == "base64")
        #expect(reply.blob?.file.size == encoder.frames.count)
        #expect(camera.running == 0)
    }

    @Test("a clip lasts from its first frame on as long as was asked for")
    func duration() async throws {
        let encoder = RememberingEncoder(camera)
        _ = await clip(#"{"durationMs":2000}"#, encoder: encoder)
        #expect(encoder.frames == Array(Self.frames.prefix(60)))
        #expect(encoder.plans.map(\.duration) == [.seconds(2)])
        #expect(encoder.plans.map(\.container) == [.mp4])
        #expect(encoder.plans.map(\.video?.width) == [1_280])
    }

    @Test("a frame with an earlier time than the first does not end a clip") func earlier() async throws {
        let times = [Self.frames[3]] + Self.frames
        let camera = FilmCamera(times)
        let encoder = RememberingEncoder(camera)
        _ = await clip(#"{"durationMs":1000}"#, camera, encoder: encoder)
        #expect(encoder.frames == Array(times.prefix(34)))
    }

    @Test("a picture for which there is no room is left out") func noRoom() async throws {
        let encoder = RememberingEncoder(camera, refusals: 3)
        _ = await clip(#"{"durationMs":1000}"#, encoder: encoder)
        #expect(encoder.frames == Array(Self.frames[3..<30]))
    }

    @Test("a clip begins when the encoder is set up, however long that takes") func slowStart() async throws {
        let start = OneShot()
        let encoder = RememberingEncoder(camera, start: start)
        async let reply = clip(#"{"durationMs":1000}"#, encoder: encoder)
        try await camera.begun.fired()
        for _ in 0..<99 { camera.give() }
        start.fire()
        #expect(await reply.blob != nil)
        // Of pictures the newest two wait.
        #expect(encoder.frames.first == Self.frames[98])
        #expect(encoder.frames.count == 30)
    }

    @Test("what a camera has encoded waits for room, as long as an encoder takes to start")
    func noRoomForEncoded() async throws {
        let camera = FilmCamera(Self.frames, format: .h264)
        let room = OneShot()
        let encoder = RememberingEncoder(camera, room: room)
        async let reply = clip(#"{"durationMs":5000}"#, camera, encoder: encoder)
        try await camera.begun.fired()
        // The camera waits for nobody.
        for _ in 0..<149 { camera.give() }
        room.fire()
        #expect(await reply.blob != nil)
        #expect(encoder.frames.count == 150)
    }

    @Test("an encoded frame for which there never is room is left out, and does not hold up the clip")
    func tooLargeForEncoder() async throws {
        let camera = FilmCamera(Self.frames, format: .h264, large: Self.frames[7])
        let encoder = RememberingEncoder(camera)
        #expect(await clip(#"{"durationMs":1000}"#, camera, encoder: encoder).blob != nil)
        #expect(encoder.frames == Array(Self.frames[..<7] + Self.frames[8..<30]))
    }

    @Test("a camera that is unplugged leaves no clip, however much of it there was")
    func gone() async {
        let camera = FilmCamera(Array(Self.frames.prefix(80)))
        let microphone = PreparedMicrophone([chunk(from: 0, count: 100)])
        #expect(refusal(await clip("{}", camera, microphone: microphone)).contains("unplugged"))
        #expect(microphone.openings == [nil])
    }

    @Test(
        "what goes wrong with the encoder is refused",
        arguments: [
            (ClipError.noEncoder(package: "clawnode-encode"), "UNAVAILABLE: ", "sudo apt install clawnode-encode"),
            (.encoderDied("signal 9"), "UNAVAILABLE: ", "signal 9"),
            (.tooLarge(bytes: 9, limit: 3), "PAYLOAD_TOO_LARGE: ", "durationMs"),
        ])
    func encoderFails(error: ClipError, start: String, part: String) async {
        let encoder = RememberingEncoder(camera, failure: error)
        let refusal = refusal(await clip(encoder: encoder))
        #expect(refusal.hasPrefix(start) && refusal.contains(part))
        #expect(camera.running == 0)
    }

    @Test("where no encoder is installed no camera is asked") func noEncoder() async {
        let encoder = RememberingEncoder(camera, failure: .noEncoder(package: "clawnode-encode"))
        #expect(refusal(await clip(encoder: encoder)).contains("sudo apt install clawnode-encode"))
        #expect(camera.opened == 0)
    }

    @Test("a clip that would come too late is refused at once, and no camera is asked")
    func tooLate() async {
        let refusal = refusal(await clip(#"{"durationMs":60000}"#, budget: .seconds(29)))
        #expect(refusal.hasPrefix("UNAVAILABLE: TIMEOUT: a clip of 60000 ms takes up to 64000 ms, and only 29000 ms"))
        #expect(refusal.contains("durationMs") && refusal.contains("timeoutMs"))
        #expect(camera.opened == 0)
    }

    @Test("one that just fits is taken")
    func inTime() async throws {
        #expect(try text(await clip(#"{"durationMs":3000}"#, budget: .seconds(7))).contains("3000"))
    }

    @Test(
        "the file is planned for 16 MiB, and for less where the connection takes less",
        arguments: [(25 << 20, 16 << 20), (4_256, 3_000)])
    func limits(payloadLimit: Int, limit: Int) async {
        let encoder = RememberingEncoder(camera)
        _ = await clip(encoder: encoder, payloadLimit: payloadLimit)
        #expect(encoder.plans.map(\.limit) == [limit])
    }

    @Test(
        "a camera that encodes is told less the longer the clip is",
        arguments: [(3_000, 4_000_000), (60_000, 1_773_417)])
    func bitRate(durationMs: Int, expected: Int) async {
        // What it is told is told before the first frame.
        let camera = FilmCamera([])
        _ = await clip("{\"durationMs\":\(durationMs)}", camera)
        #expect(camera.requests == [FilmRequest(bitsPerSecond: expected)])
    }

    @Test("a camera that hangs askew has its clips turned")
    func turned() async {
        let encoder = RememberingEncoder(camera)
        let orientation = Orientation(turn: .half)
        let placement = CameraPlacement(alias: "door", device: "fake", orientation: orientation)
        _ = await clip(#"{"deviceId":"door"}"#, encoder: encoder, placements: [placement])
        #expect(encoder.plans.map(\.video?.orientation) == [orientation])
    }

    @Test("a withdrawn clip ends at once, camera, microphone and all")
    func cancelled() async throws {
        let camera = FilmCamera([.zero])
        let encoder = WaitingEncoder()
        let microphone = PreparedMicrophone()
        let command = CameraClip(
            finder: CameraFinder(camera, defaultDevice: nil),
            recorder: ClipRecorder(encoder: encoder, microphone: microphone), limit: CaptureLimit(perSecond: 4))
        let invocation = Invocation(id: "1", command: CameraClip.name, params: nil, payloadLimit: 1 << 20)
        let cancel = OneShot()
        async let over: Void = CommandRegistry([Handler(command)]).perform(
            invocation, timekeeper: HandClock(), log: .silent, cancel: cancel
        ) { reply in
            guard case .failure(let refusal) = reply.outcome else {
                Issue.record("a clip")
                return
            }
            #expect(refusal == .cancelled)
        }
        try await encoder.fed.fired()
        #expect(camera.running == 1)
        cancel.fire()
        await over
        #expect(camera.running == 0)
    }

    @Test("a gateway gone mad is refused, pictures and clips counted together")
    func limited() async throws {
        let limit = CaptureLimit(perSecond: 1)
        try limit.admit(at: clock.now)
        #expect(refusal(await clip(limit: limit)).hasPrefix("UNAVAILABLE: RATE_LIMITED"))
        #expect(camera.opened == 0)
    }

    @Test(
        "a duration out of range moves to the bound, and none is three seconds",
        arguments: [
            ("{}", 3_000), (#"{"durationMs":1}"#, 250), (#"{"durationMs":1e9}"#, 60_000), (#"{"durationMs":-1}"#, 250),
        ])
    func durations(params: String, expected: Int) throws {
        let decoded = try JSON.decode(CameraClipParams.self, from: Array(params.utf8))
        #expect(decoded.duration == .milliseconds(expected) && decoded.includeAudio && decoded.format == "mp4")
    }

    @Test(
        "what cannot be meant is refused and names the field",
        arguments: [
            (#"{"format":"avi"}"#, "format"), (#"{"durationMs":"long"}"#, "durationMs"),
            (#"{"includeAudio":"yes"}"#, "includeAudio"), (#"{"deviceId":7}"#, "deviceId"),
        ])
    func wrong(params: String, field: String) async {
        let refusal = refusal(await clip(params))
        #expect(refusal.hasPrefix("INVALID_REQUEST") && refusal.contains(field))
        #expect(camera.opened == 0)
    }
}

/// Takes the first frame and then has no end.
private final class WaitingEncoder: ClipEncoder, ClipTrack {
    let fed = OneShot()

    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        try await feed(self)
        throw ClipError.encoderDied("it was not cancelled")
    }

    func add(_ frame: Image) -> Bool {
        fed.fire()
        return true
    }

    func find() throws(ClipError) {}
    func ready() async throws {}
    func addNeeded(_ frame: Image) async throws(ClipError) -> Bool { add(frame) }
    func add(_ sound: SoundChunk) async throws(ClipError) {}
}
