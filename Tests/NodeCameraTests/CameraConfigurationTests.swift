import NodeCamera
import NodeCore
import Testing

@Suite("Camera configuration")
struct CameraConfigurationTests {
    private func decoded(_ text: String) throws -> CameraConfiguration {
        try JSON.decode(CameraConfiguration.self, from: Array(text.utf8))
    }

    @Test("nothing said is no pattern, five seconds, the first camera")
    func defaults() throws {
        #expect(try decoded("{}") == CameraConfiguration(pattern: false, keepWarm: .seconds(5), device: nil))
    }

    @Test("everything can be said")
    func all() throws {
        let configuration = try decoded(#"{"pattern":true,"keepWarmSeconds":0.5,"device":"video2"}"#)
        #expect(configuration == CameraConfiguration(pattern: true, keepWarm: .milliseconds(500), device: "video2"))
    }

    @Test(
        "what cannot be meant is an error that names the key",
        arguments: [
            (#"{"keepWarmSeconds":-1}"#, "keepWarmSeconds"), (#"{"keepWarmSeconds":3601}"#, "keepWarmSeconds"),
            (#"{"keepWarmSeconds":"5"}"#, "keepWarmSeconds"), (#"{"pattern":1}"#, "pattern"),
            (#"{"device":""}"#, "device"),
        ])
    func wrong(text: String, key: String) throws {
        let failure = #expect(throws: JSONFailure.self) { try decoded(text) }
        #expect(failure?.description.contains(key) == true)
    }
}
