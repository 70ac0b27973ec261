import Gateway
import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct StateCheckTests {
    func look(_ scene: Scene) throws -> [Finding] { StateCheck().look(at: try scene.patient()) }

    @Test("a directory that is not there yet is fine, and is not made") func absent() async throws {
        try await Scene.run { scene in
            let findings = try look(scene)
            #expect(findings.map(\.verdict) == [.ok, .skipped])
            #expect(!scene.scratch.names.contains("state"))
        }
    }

    @Test("an identity is named, and its key never") func whole() async throws {
        try await Scene.run { scene in
            let identity = try DeviceIdentity.loadOrCreate(in: scene.state)
            let findings = try look(scene)
            #expect(findings.map(\.verdict) == [.ok, .ok])
            #expect(findings["state.files"]?.summary.contains(identity.deviceID) == true)
        }
    }

    @Test("what others may read comes with the line that shuts it") func open() async throws {
        try await Scene.run { scene in
            _ = try DeviceIdentity.loadOrCreate(in: scene.state)
            chmod(scene.state, 0o750)
            chmod(scene.state + "/identity.json", 0o640)
            let findings = try look(scene)
            #expect(findings["state"]?.remedy == "sudo chmod 700 \(scene.state)")
            #expect(findings["state.files"]?.remedy == "sudo chmod 600 \(scene.state)/identity.json")
            #expect(findings.map(\.verdict) == [.warning, .warning])
        }
    }

    @Test(
        "a file that is damaged is named with what to do",
        arguments: [
            ("identity.json", "{"), ("tokens.json", "[]"), ("gateway.json", "{\"version\":1,\"url\":\"ftp://x\"}"),
        ])
    func damaged(name: String, text: String) async throws {
        try await Scene.run { scene in
            try StateFile.makeDirectory(scene.state)
            let file = scene.state + "/" + name
            try StateFile.write(file, Array(text.utf8), durable: false)
            let finding = try look(scene)["state.files"]
            #expect(finding?.verdict == .error)
            #expect(finding?.summary.hasPrefix("\(file) is damaged") == true)
            #expect(finding?.remedy?.contains("mv \(file) \(file).damaged") == true)
        }
    }

    @Test("something else in its place is no directory") func other() async throws {
        try await Scene.run { scene in
            try StateFile.write(scene.state, [], durable: false)
            #expect(try look(scene)["state"]?.verdict == .error)
        }
    }
}
