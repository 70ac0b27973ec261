import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct EncoderCheckTests {
    private static let camera = "{\"capabilities\": {\"camera\": true}}"

    @Test(
        "an encoder that is missing costs clips and formats of sound only, and its package is named",
        arguments: [camera, "{\"capabilities\": {\"microphone\": true}}"])
    func missing(configuration: String) async throws {
        try await Scene.run { scene in
            let check = EncoderCheck(candidates: [scene.scratch.file("clawnode-encode")])
            let finding = check.look(at: try scene.patient(configuration))["encoder"]
            #expect(finding?.verdict == .note && finding?.summary.contains("clips are refused") == true)
            #expect(finding?.remedy == "sudo apt install clawnode-encode")
        }
    }

    @Test("one that can be started is fine") func there() async throws {
        try await Scene.run { scene in
            let findings = EncoderCheck(candidates: ["/nonexistent", "/bin/true"]).look(
                at: try scene.patient(Self.camera))
            #expect(findings == [.ok("encoder", "/bin/true")])
        }
    }

    @Test("where cameras and microphones are off it is not looked for") func off() async throws {
        try await Scene.run { scene in
            let findings = EncoderCheck().look(at: try scene.patient())
            #expect(findings["encoder"]?.verdict == .skipped)
        }
    }
}
