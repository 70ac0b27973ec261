import NodeRuntime
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct CapabilityCheckTests {
    private static let everything =
        "{\"capabilities\": {" + Family.all.map { "\"\($0.name)\": true" }.joined(separator: ", ") + "}}"

    @Test("what is off is noted with the line that switches it on, and nothing when all is on") func off() async throws
    {
        try await Scene.run { scene in
            let finding = CapabilityCheck().look(at: try scene.patient())["capabilities"]
            #expect(finding?.verdict == .note && finding?.summary == "camera is off")
            #expect(finding?.remedy?.contains("--enable camera") == true)
            let all = try scene.patient(Self.everything)
            let on = CapabilityCheck().look(at: all)
            #expect(on == [.ok("capabilities", "everything is on")])
        }
    }

    @Test("what is paused is noted where no daemon tells of it") func paused() async throws {
        try await Scene.run { scene in
            try PauseMarks(directory: scene.state).place("camera")
            let all = try scene.patient(Self.everything)
            let findings = CapabilityCheck().look(at: all)
            #expect(findings == [.note("capabilities", "camera is paused", remedy: "clawnode resume camera")])
        }
    }
}
