import Glibc
import LinuxIO
import NodeCore
import PracticeGateway
import Testing

@Suite struct StateTests {
    @Test(
        "a state directory that cannot be written stops the start with 73",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func readOnly() async throws {
        try await Stage.run { stage in
            let status = try await PrivateMount.start(stage, stateOn: "ro").wait()
            #expect(status == .exited(73))
            #expect(stage.log.contains("Read-only file system"))
        }
    }

    @Test(
        "a state file that cannot be understood stops the start with 78, and stays as it is",
        arguments: ["identity.json", "tokens.json", "gateway.json"], ["{\"deviceId\": \"12", "[\"somebody else's\"]"])
    func damaged(name: String, text: String) async throws {
        try await Stage.run { stage in
            let path = stage.scratch.file("state") + "/" + name
            try StateFile.makeDirectory(stage.scratch.file("state"))
            try StateFile.write(path, Array(text.utf8), durable: false)
            #expect(try await stage.ask("run", "--gateway", stage.gateway.url).status == .exited(78))
            #expect(String(decoding: try StateFile.read(path), as: UTF8.self) == text)
            #expect(stage.log.contains("mv \(path) \(path).damaged"))
        }
    }

    @Test(
        "a full disk costs no connection, is named, and the token is saved when there is room",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func full() async throws {
        var options = Stage.open()
        options.approvesDevices = false
        try await Stage.run(options) { stage in
            let daemon = try PrivateMount.start(stage, stateOn: "size=64k")
            var events = stage.gateway.events.reader()
            let pairing = try await events.first { event -> PairingQueue.Request? in
                if case .pairingRequested(let request) = event { request } else { nil }
            }
            // The daemon's own view of the file system, from outside (proc_pid_root(5)).
            let state = "/proc/\(daemon.pid)/root" + stage.scratch.file("state")
            try fill(state + "/ballast")
            _ = try await stage.gateway.approveDevice(pairing.id)
            _ = try await stage.hello(&events)
            try await stage.status { $0.contains("\"state-unwritable\"") && $0.contains("\"connected\"") }
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            #expect(access(state + "/tokens.json", F_OK) != 0)
            unlink(state + "/ballast")
            try await stage.status { !$0.contains("\"state-unwritable\"") && $0.contains("\"connected\"") }
            let tokens = String(decoding: try StateFile.read(state + "/tokens.json"), as: UTF8.self)
            #expect(tokens.contains("\"token\""))
            let isLost = stage.gateway.events.all.contains { event in
                if case .closed(_, .some, _) = event { true } else { false }
            }
            #expect(!isLost)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("a limit on the size of files is an error like a full disk") func fileSizeLimit() async throws {
        try await Stage.run { stage in
            let run = [Stage.program, "run", "--gateway", stage.gateway.url]
            // The thread sanitizer's runtime would write there before the program begins, and end of it.
            let limited = ["TMPDIR=/nonexistent", "/usr/bin/prlimit", "--fsize=0"]
            let stopped = try HeardProgram(limited + run, program: "/usr/bin/env", on: stage)
            #expect(try await stopped.process.wait() == .exited(73))
            try await stopped.hearEnd()
            #expect(stopped.heard.contains("File too large") && stopped.heard.contains("ulimit -f unlimited"))

            let daemon = try HeardProgram(Array(run.dropFirst()), on: stage)
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            let limit = try ChildProcess.spawn(
                "/usr/bin/prlimit", arguments: ["--fsize=0", "--pid", "\(daemon.process.pid)"], on: stage.loop)
            #expect(try await limit.wait() == .exited(0))
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            try await daemon.hear("Status cannot be written")
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            daemon.process.signal(SIGTERM)
            #expect(try await daemon.process.wait() == .exited(0))
        }
    }

    /// Writes until there is no room.
    private func fill(_ path: String) throws {
        let file = try FileDescriptor(opening: path, flags: O_WRONLY | O_CREAT, mode: 0o600)
        let page = [UInt8](repeating: 0, count: 4096)
        do {
            while true {
                _ = try page.withUnsafeBytes { try file.write($0) }
            }
        } catch let error as Errno { #expect(error == Errno(ENOSPC)) }
    }

    @Test("a gateway that is joined after the state directory was removed is found") func joinedLater() async throws {
        try await Stage.run { stage in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            let state = stage.scratch.file("state")
            let identity = try StateFile.read(state + "/identity.json")
            Directory.remove(state)
            try await stage.status { $0.contains("\"identity-lost\"") }
            // Put back from a copy, whoever is the first to make the directory again.
            try StateFile.makeDirectory(state)
            try StateFile.write(state + "/identity.json", identity, durable: false)
            try await stage.status { !$0.contains("\"identity-lost\"") }
            #expect(try await stage.ask("join", stage.gateway.url, "--no-wait").status == .exited(0))
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("what was joined is served without being named again") func joined() async throws {
        var options = Stage.open()
        options.authentication = .token("the-shared-token")
        try await Stage.run(options) { stage in
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("the-shared-token\n".utf8), durable: false)
            let join = try await stage.ask("join", stage.gateway.url, "--token-file", token, "--no-wait")
            #expect(join.status == .exited(0))
            let daemon = try stage.start(["run"])
            var events = stage.gateway.events.reader()
            #expect(try await stage.hello(&events).credential == .token)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }
}
