import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import clawnode

@Suite struct SSHVerificationTests {
    /// What the program there answers; a shell reads it, so that nothing is executed that this process has written.
    static func answer(_ path: String, _ words: [String], on loop: EventLoop) async throws -> ProgramRun {
        try await ProgramRun.run(
            "/bin/sh", [path] + words, outputLimit: 4096, deadline: loop.now + .seconds(60), timekeeper: loop, on: loop)
    }

    private struct Answer: Decodable {
        var deviceId: String
        var publicKey: String
    }

    @Test("what it installs answers a gateway that logs in with the identity, and nothing else") func answers()
        async throws
    {
        let folder = try ScratchFolder()
        let identity = try DeviceIdentity.loadOrCreate(in: folder.file("state"))
        try await onEventLoop { loop in
            let path = folder.file("openclaw")
            try SSHVerification.install(identity, at: path)
            #expect(access(path, R_OK | X_OK) == 0)
            let run = try await Self.answer(path, ["node", "identity", "--json"], on: loop)
            #expect(run.status == .exited(0))
            let answer = try JSON.decode(Answer.self, from: run.output)
            #expect(answer.deviceId == identity.deviceID && answer.publicKey == identity.publicKey)
            let other = try await Self.answer(path, ["node", "run"], on: loop)
            #expect(other.status == .exited(64) && other.output.isEmpty)
            // Again, for another identity.
            let second = try DeviceIdentity.loadOrCreate(in: folder.file("other"))
            try SSHVerification.install(second, at: path)
            #expect(try String(decoding: StateFile.read(path), as: UTF8.self).contains(second.deviceID))
        }
    }

    @Test("an openclaw that is there already stays as it is") func another() throws {
        let folder = try ScratchFolder()
        let identity = try DeviceIdentity.loadOrCreate(in: folder.file("state"))
        let path = folder.file("openclaw")
        try StateFile.write(path, Array("#!/bin/sh\nexec node\n".utf8), mode: 0o755)
        #expect(throws: Failure.self) { try SSHVerification.install(identity, at: path) }
        #expect(try StateFile.read(path) == Array("#!/bin/sh\nexec node\n".utf8))
    }
}
