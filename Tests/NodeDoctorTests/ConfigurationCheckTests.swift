import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct ConfigurationCheckTests {
    @Test(
        "what is not understood is an error with file, place and key",
        arguments: [("{\n  \"gatewya\": 1\n}", "gatewya: unknown key"), ("{\n  \"gateway\": \n", "line 3")])
    func broken(text: String, words: String) async throws {
        try await Scene.run { scene in
            let finding = try #require(ConfigurationCheck().look(at: try scene.patient(text))["configuration"])
            let file = scene.scratch.file("clawnode.json")
            #expect(finding.verdict == .error)
            #expect(finding.summary.contains(file) && finding.summary.contains(words))
            #expect(finding.remedy == "edit \(file), then: clawnode config check")
        }
    }

    @Test("the file to edit is the one with the mistake") func fragment() async throws {
        try await Scene.run { scene in
            let path = scene.scratch.file("config.d/x.json")
            try StateFile.makeDirectory(scene.scratch.file("config.d"))
            try StateFile.write(path, Array("{\"gatewya\": 1}".utf8), durable: false)
            let finding = ConfigurationCheck().look(at: try scene.patient())["configuration"]
            #expect(finding?.remedy == "edit \(path), then: clawnode config check")
        }
    }

    @Test("one that is understood is fine, and so is none") func fine() async throws {
        try await Scene.run { scene in
            let patient = try scene.patient()
            #expect(ConfigurationCheck().look(at: patient).allSatisfy { $0.verdict == .ok })
            unlink(scene.scratch.file("clawnode.json"))
            func summary() -> String? { ConfigurationCheck().look(at: patient)["configuration"]?.summary }
            #expect(summary()?.hasSuffix("the defaults hold") == true)
            // As `join --enable` leaves it.
            try StateFile.makeDirectory(scene.scratch.file("config.d"))
            try StateFile.write(scene.scratch.file("config.d/camera.json"), Array("{}".utf8), durable: false)
            #expect(summary()?.hasPrefix("what is in \(scene.scratch.file("config.d")) is understood") == true)
        }
    }

    @Test("a file that is named in it and cannot be used is told, without what is in it") func named() async throws {
        try await Scene.run { scene in
            try StateFile.write(scene.scratch.file("ca"), Array("not a certificate".utf8), durable: false)
            for (key, path) in [("tokenFile", "/nonexistent"), ("caFile", scene.scratch.file("ca"))] {
                let findings = ConfigurationCheck().look(at: try scene.patient("{\"\(key)\": \"\(path)\"}"))
                let finding = try #require(findings["configuration.files"])
                #expect(finding.verdict == .error)
                #expect(finding.summary.contains(path) && finding.summary.contains(key))
                #expect(!finding.summary.contains("not a certificate"))
            }
        }
    }

    @Test("where state and status are is known although the rest is not understood") func places() async throws {
        try await Scene.run { scene in
            let text = "{\"stateDir\": \"/a\", \"runtimeDir\": \"/b\", \"logLevel\": \"loud\"}"
            try StateFile.write(scene.scratch.file("clawnode.json"), Array(text.utf8), durable: false)
            let patient = try Patient(
                file: scene.scratch.file("clawnode.json"), options: [:],
                surroundings: .init(variables: ["HOME": "/nonexistent"], isRoot: false), on: scene.loop)
            #expect(patient.complaint != nil)
            #expect(patient.configuration.stateDirectory == "/a" && patient.configuration.runtimeDirectory == "/b")
        }
    }

    @Test("what an option says wrongly is the caller's mistake, and no finding") func option() async throws {
        try await Scene.run { scene in
            let option = ConfigurationValue(.string("x"), from: .option("--log-level"))
            #expect(throws: ConfigurationError.self) {
                try Patient(
                    file: nil, options: ["logLevel": option],
                    surroundings: .init(variables: ["HOME": "/nonexistent"], isRoot: false), on: scene.loop)
            }
        }
    }
}
