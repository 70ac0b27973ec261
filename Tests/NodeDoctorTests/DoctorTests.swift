import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct DoctorTests {
    private struct Saying: Check {
        static let topics = ["saying"]
        let said: [Finding]

        func findings(in patient: Patient) async -> [Finding] { said }
    }

    private struct Hanging: Check {
        static let topics = ["one", "other"]

        func findings(in patient: Patient) async -> [Finding] {
            try? await OneShot().fired()
            return []
        }
    }

    @Test("the worst comes first, and what is equally bad in the order of the list") func order() async throws {
        try await Scene.run { scene in
            let checks = [
                Saying(said: [.ok("a", "a"), .note("b", "b")]),
                Saying(said: [.error("c", "c", remedy: "x"), .skipped("d", "d"), .ok("e", "e")]),
                Saying(said: [.warning("f", "f", remedy: "x"), .error("g", "g", remedy: "x")]),
            ]
            let order = await Doctor(checks).examine(try scene.patient()).map(\.check)
            #expect(order == ["c", "g", "f", "b", "d", "a", "e"])
        }
    }

    @Test("a check that does not end is told, and keeps nobody waiting") func hanging() async throws {
        try await Scene.run { scene in
            let findings = await Doctor([Hanging()], patience: .milliseconds(10)).examine(try scene.patient())
            #expect(findings.map(\.check) == ["one", "other"])
            #expect(findings.allSatisfy { $0.verdict == .warning && $0.remedy != nil })
        }
    }

    @Test(
        "every topic is told of, whatever the node is like, and nothing else",
        arguments: [
            "{}", "{\"gateway\": \"ws://127.0.0.1:9\"}", "{", "{\"capabilities\": {\"camera\": true}}",
            "{\"capabilities\": {\"camera\": true}, \"workers\": {\"media\": \"socket\", \"mediaSocket\": \"/none\"}}",
        ])
    func topics(configuration: String) async throws {
        try await Scene.run { scene in
            let findings = await Doctor().examine(try scene.patient(configuration))
            #expect(Set(findings.map(\.check)) == Set(Doctor.topics))
            #expect(findings.allSatisfy { $0.verdict <= .note || $0.remedy?.isEmpty == false })
        }
    }

    @Test("a topic is one check's") func distinct() {
        #expect(Set(Doctor.topics).count == Doctor.topics.count)
    }
}
