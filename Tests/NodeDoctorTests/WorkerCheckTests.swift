import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct WorkerCheckTests {
    func configuration(_ scene: Scene) -> String {
        """
        {"capabilities": {"camera": true},
         "workers": {"media": "socket", "mediaSocket": "\(scene.scratch.file("media.sock"))"}}
        """
    }

    /// What is found when the next who connects to the worker's socket hears this, and then its end.
    func found(hearing greeting: String, _ scene: Scene) async throws -> Finding? {
        let path = scene.scratch.file("media.sock")
        let raw = try call { socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | O_CLOEXEC, 0) }
        // Not a FileDescriptor: beside an `async let` the older compiler crashes on one.
        defer { close(raw) }
        try withUnixAddress(path) { address, length throws(Errno) in try call { bind(raw, address, length) } }
        try call { listen(raw, 1) }
        let patient = try scene.patient(configuration(scene))
        async let served: Void = onOwnThread("worker") {
            let connection = accept(raw, nil, nil)
            _ = send(connection, greeting, greeting.utf8.count, CInt(MSG_NOSIGNAL))
            close(connection)
        }
        let finding = await WorkerCheck().findings(in: patient)["workers"]
        await served
        return finding
    }

    @Test("one that says hello in this version is fine") func well() async throws {
        try await Scene.run { scene in
            let hello = #"{"hello":{"version":"\#(nodeVersion)","pid":1}}"#
            let finding = try await found(hearing: hello, scene)
            #expect(finding == .ok("workers", "clawnode-media answers, version \(nodeVersion)"))
        }
    }

    @Test("one of another version is to be brought up to date") func outdated() async throws {
        try await Scene.run { scene in
            let finding = try await found(hearing: #"{"hello":{"version":"0.0.9","pid":1}}"#, scene)
            #expect(finding?.verdict == .warning)
            #expect(finding?.summary.contains("0.0.9") == true)
        }
    }

    @Test("one that ends without a word is an error") func mute() async throws {
        try await Scene.run { scene in
            let finding = try await found(hearing: "{}", scene)
            #expect(finding?.verdict == .error)
            #expect(finding?.summary.contains("does not say hello") == true)
        }
    }

    @Test("where nobody listens it is said how that is changed") func absent() async throws {
        try await Scene.run { scene in
            let finding = await WorkerCheck().findings(in: try scene.patient(configuration(scene)))["workers"]
            #expect(finding?.verdict == .error)
            #expect(finding?.remedy?.contains("systemctl enable --now clawnode-media.socket") == true)
        }
    }
}
