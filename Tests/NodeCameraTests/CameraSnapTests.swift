import NodeCore
import NodeMedia
import Testing

@testable import NodeCamera

@Suite("camera.snap")
struct CameraSnapTests {
    private func snap(
        _ camera: any CameraDriver, _ params: String = "{}", encoder: EchoEncoder = EchoEncoder(),
        payloadLimit: Int = 25 << 20, defaultDevice: String? = nil
    ) async -> Reply {
        let command = CameraSnap(
            finder: CameraFinder(camera, defaultDevice: defaultDevice), encoder: encoder,
            limit: CaptureLimit(perSecond: 4))
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: payloadLimit, timekeeper: InvocationContext.test.timekeeper,
            log: .silent)
        let invocation = Invocation(
            id: "1", command: CameraSnap.name, params: Array(params.utf8), payloadLimit: payloadLimit)
        return await Handler(command).perform(invocation, context)
    }

    @Test(
        "the camera is the one that is named, else the one that looks where is asked, else the default one",
        arguments: [
            ("{}", "desk"), (#"{"facing":"back"}"#, "yard"), (#"{"facing":"front"}"#, "desk"),
            (#"{"facing":"up"}"#, "desk"), (#"{"facing":"back","deviceId":"hall"}"#, "hall"),
        ])
    func whichCamera(params: String, expected: String) async throws {
        let cameras = ["desk", "yard", "hall"].map { StillCamera(id: $0) }
        let placement = CameraPlacement(alias: "outside", device: "yard", position: .back)
        _ = await snap(NamedCameras(CameraSet(cameras), [placement]), params, defaultDevice: "desk")
        #expect(cameras.filter { !$0.requests.isEmpty }.count == 1)
        #expect(cameras.first { !$0.requests.isEmpty }?.opened.last == expected)
    }

    /// A driver that finds its camera for the first who asks only after everybody else has been let through.
    private struct SlowFinder: CameraDriver {
        let camera = StillCamera()
        let asked = OneShot()
        let found = OneShot()

        func cameras() async throws(CameraError) -> [CameraInfo] { try await camera.cameras() }

        func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
            if !asked.hasFired {
                asked.fire()
                do { try await found.fired() } catch { throw .cancelled }
            }
            return try await camera.open(id)
        }
    }

    @Test("of those who ask at the same time, the first gets the first picture", .timeLimit(.minutes(5)))
    func firstComeFirstServed() async throws {
        let driver = SlowFinder()
        let handler = Handler(
            CameraSnap(
                finder: CameraFinder(driver, defaultDevice: nil), encoder: EchoEncoder(),
                limit: CaptureLimit(perSecond: 4)))
        func invocation(_ width: Int) -> Invocation {
            let params = Array("{\"maxWidth\":\(width)}".utf8)
            return Invocation(id: "1", command: CameraSnap.name, params: params, payloadLimit: 1 << 20)
        }
        async let first = handler.perform(invocation(100), .test)
        try await driver.asked.fired()
        async let second = handler.perform(invocation(200), .test)
        // Time enough for the second to get past, if it may.
        for _ in 0..<100 { await Task.yield() }
        driver.found.fire()
        _ = try await (first.outcome.get(), second.outcome.get())
        #expect(driver.camera.requests.map(\.maxWidth) == [100, 200])
    }

    @Test("a gateway gone mad is refused, and no camera is asked")
    func limited() async throws {
        let camera = StillCamera()
        let command = CameraSnap(
            finder: CameraFinder(camera, defaultDevice: nil), encoder: EchoEncoder(),
            limit: CaptureLimit(perSecond: 0.5))
        let invocation = Invocation(id: "1", command: CameraSnap.name, params: nil, payloadLimit: 1 << 20)
        _ = try await Handler(command).perform(invocation, .test).outcome.get()
        guard case .failure(let refusal) = await Handler(command).perform(invocation, .test).outcome else {
            Issue.record("a second picture")
            return
        }
        #expect(refusal.code == .unavailable && refusal.message.hasPrefix("RATE_LIMITED: 0.5 pictures a second"))
        #expect(camera.requests.count == 1)
    }

    @Test("the reply has the format as spelt, the picture's size, and the picture as base64")
    func reply() async throws {
        let reply = await snap(StillCamera(), #"{"format":"jpeg","quality":0.4}"#)
        #expect(
            String(decoding: try reply.outcome.get(), as: UTF8.self)
                == #"{"format":"jpeg","height":40,"width":3932160}"#)
        #expect(reply.blob?.field == "base64")
        #expect(try reply.blob?.file.bytes() == [1, 2, 3, 4])
    }

    @Test("a connection that takes little gets a small picture")
    func payloadLimit() async throws {
        let reply = await snap(StillCamera(), payloadLimit: 4_256)
        #expect(String(decoding: try reply.outcome.get(), as: UTF8.self).contains(#""width":3000"#))
    }

    @Test("the camera is asked for the width, and to settle when no delay is given")
    func settling() async {
        let camera = StillCamera()
        let before = MonotonicTime.now
        _ = await snap(camera, #"{"maxWidth":320}"#)
        #expect(camera.requests.map(\.maxWidth) == [320])
        #expect(camera.requests.map(\.warmUp) == [.untilSettled])
        #expect(camera.requests.allSatisfy { $0.askedAt >= before && $0.askedAt <= .now })
    }

    @Test("a given delay is passed on, and zero is one")
    func delays() async {
        let camera = StillCamera()
        _ = await snap(camera, #"{"delayMs":700}"#)
        _ = await snap(camera, #"{"delayMs":0}"#)
        #expect(camera.requests.map(\.warmUp) == [.exactly(.milliseconds(700)), .exactly(.zero)])
    }

    @Test("the configured camera is the default, a named one wins over it, and facing changes nothing")
    func devices() async {
        let camera = StillCamera(id: "one")
        _ = await snap(camera)
        _ = await snap(camera, #"{"facing":"back"}"#, defaultDevice: "one")
        _ = await snap(camera, #"{"deviceId":"one","facing":"front"}"#, defaultDevice: "other")
        #expect(camera.opened == [nil, "one", "one"])
    }

    @Test(
        "what goes wrong is refused with its code and with what to do",
        arguments: [
            (CameraError.busy("/dev/video0"), "CAMERA_UNAVAILABLE: camera busy", "/dev/video0"),
            (.busy("/dev/video0", by: ["ffmpeg (pid 7)"]), "CAMERA_UNAVAILABLE: camera busy", "ffmpeg (pid 7)"),
            (.damaged("/dev/video0"), "CAMERA_UNAVAILABLE: /dev/video0 delivers damaged", "cable"),
            (.gone("/dev/video0"), "CAMERA_UNAVAILABLE: ", "unplugged"),
            (.noFrame("/dev/video0"), "CAMERA_UNAVAILABLE: ", "no pictures"),
            (.unsupported("x", reason: "only raw Bayer"), "CAMERA_UNAVAILABLE: ", "only raw Bayer"),
            (.failed("x", reason: "Input/output error"), "CAMERA_UNAVAILABLE: ", "Input/output error"),
            (
                .permission("/dev/video0", group: "video", user: "ada"), "CAMERA_PERMISSION_REQUIRED: ",
                "sudo usermod -aG video ada"
            ),
            (.cancelled, "UNAVAILABLE: CANCELLED", ""),
        ])
    func refusals(error: CameraError, start: String, part: String) async {
        let reply = await snap(StillCamera(result: .failure(error)))
        guard case .failure(let refusal) = reply.outcome else {
            Issue.record("there should be no picture")
            return
        }
        #expect(refusal.wireMessage.hasPrefix(start))
        #expect(part.isEmpty || refusal.message.contains(part))
        #expect(reply.blob == nil)
    }

    @Test("an unknown camera is the asker's mistake, and the known ones are named")
    func unknown() async {
        let name = "nowhere" + String(repeating: "!", count: 5_000)
        let reply = await snap(StillCamera(id: "usb-one"), #"{"deviceId":"\#(name)"}"#)
        guard case .failure(let refusal) = reply.outcome else {
            Issue.record("there should be no picture")
            return
        }
        #expect(refusal.code == .invalidRequest)
        #expect(refusal.message.contains("nowhere") && refusal.message.contains("usb-one"))
        #expect(refusal.message.utf8.count < 200)
    }

    @Test("no camera at all is not the asker's mistake")
    func none() async {
        let reply = await snap(NoCameras())
        guard case .failure(let refusal) = reply.outcome else {
            Issue.record("there should be no picture")
            return
        }
        #expect(refusal.code == .cameraUnavailable)
    }

    @Test("a picture that cannot be made small enough names the parameter that helps")
    func tooLarge() async {
        let reply = await snap(StillCamera(), encoder: EchoEncoder(error: .tooLarge(bytes: 9_000, limit: 3_000)))
        guard case .failure(let refusal) = reply.outcome else {
            Issue.record("there should be no picture")
            return
        }
        #expect(refusal.code == .payloadTooLarge)
        #expect(refusal.message.contains("maxWidth"))
    }
}
