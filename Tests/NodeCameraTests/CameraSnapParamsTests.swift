import NodeCore
import Testing

@testable import NodeCamera

@Suite("camera.snap params")
struct CameraSnapParamsTests {
    private func decoded(_ text: String) throws -> CameraSnapParams {
        try JSON.decode(CameraSnapParams.self, from: Array(text.utf8))
    }

    @Test(
        "nothing said, null and unknown keys give the defaults",
        arguments: [
            "{}", #"{"maxWidth":null,"quality":null,"format":null,"delayMs":null,"deviceId":null,"facing":null}"#,
            #"{"deviceId":"","sessionKey":{"a":[1]}}"#, #"{"facing":"front"}"#, #"{"facing":"sideways"}"#,
        ])
    func defaults(text: String) throws {
        let params = try decoded(text)
        #expect(params.camera.deviceId == nil && params.picture.maxWidth == 1600 && params.picture.quality == 0.9)
        #expect(params.format == "jpg" && params.delay == nil)
    }

    @Test(
        "a width that is none is the default, one out of range moves to the bound",
        arguments: [
            ("0", 1600), ("-5", 1600), ("1", 1), ("0.5", 1), ("1600.7", 1600), ("640.0", 640), ("1e30", 65_535),
        ])
    func maxWidth(said: String, meant: Int) throws {
        #expect(try decoded(#"{"maxWidth":\#(said)}"#).picture.maxWidth == meant)
    }

    @Test(
        "quality is a part of one, or percent above one, and stays in range",
        arguments: [
            ("0.5", 0.5), ("1", 1), ("1.0", 1), ("80", 0.8), ("100", 1), ("250", 1), ("0", 0.05), ("-1", 0.05),
            ("2", 0.05), ("1.5", 0.05),
        ])
    func quality(said: String, meant: Double) throws {
        #expect(try decoded(#"{"quality":\#(said)}"#).picture.quality == meant)
    }

    @Test(
        "a delay is kept within ten seconds", arguments: [("0", 0), ("-1", 0), ("250", 250), ("99999", 10_000)])
    func delay(said: String, meant: Int) throws {
        #expect(try decoded(#"{"delayMs":\#(said)}"#).delay == .milliseconds(meant))
    }

    @Test("both spellings of the format are kept", arguments: ["jpg", "jpeg"])
    func format(spelling: String) throws {
        #expect(try decoded(#"{"format":"\#(spelling)"}"#).format == spelling)
    }

    @Test(
        "what cannot be meant is an error that names the field",
        arguments: [
            (#"{"format":"png"}"#, "format"), (#"{"format":"JPG"}"#, "format"), (#"{"format":1}"#, "format"),
            (#"{"maxWidth":"wide"}"#, "maxWidth"), (#"{"maxWidth":true}"#, "maxWidth"),
            (#"{"quality":"high"}"#, "quality"), (#"{"delayMs":[0]}"#, "delayMs"), (#"{"deviceId":7}"#, "deviceId"),
            (#"{"facing":1}"#, "facing"),
        ])
    func wrong(text: String, field: String) async {
        let camera = StillCamera()
        let snap = Handler(
            CameraSnap(
                finder: CameraFinder(camera, defaultDevice: nil), encoder: EchoEncoder(),
                limit: CaptureLimit(perSecond: 4)))
        let invocation = Invocation(id: "1", command: "camera.snap", params: Array(text.utf8), payloadLimit: 1 << 20)
        let reply = await snap.perform(invocation, .test)
        #expect(throws: Refusal.self) { try reply.outcome.get() }
        guard case .failure(let refusal) = reply.outcome else { return }
        #expect(refusal.code == .invalidRequest)
        #expect(refusal.message.contains(field))
        #expect(camera.opened.isEmpty)
    }
}
