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

    enum Disk: CaseIterable, Sendable {
        case full, readOnly
    }

    @Test(
        "a disk that takes nothing costs no connection, is named, and the token is saved when it takes it again",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need), arguments: Disk.allCases)
    func unwritable(_ disk: Disk) async throws {
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
            switch disk {
            case .full: try fill(state + "/ballast")
            case .readOnly:
                try await PrivateMount.set(writable: false, stage.scratch.file("state"), of: daemon, on: stage)
            }
            _ = try await stage.gateway.approveDevice(pairing.id)
            _ = try await stage.hello(&events)
            let told = try await stage.status { $0.contains("\"state-unwritable\"") && $0.contains("\"connected\"") }
            let (why, remedy) =
                switch disk {
                case .full: ("No space left on device", "\"make room; where it is used up: df -h\"")
                case .readOnly: ("Read-only file system", "\"make its file system one that can be written again; ")
                }
            #expect(told.contains("cannot be written (\(why)); it is tried again by itself\""), "\(told)")
            #expect(told.contains(remedy), "\(told)")
            #expect(await stage.gateway.invoke("device.info").isSuccess)
            #expect(access(state + "/tokens.json", F_OK) != 0)
            switch disk {
            case .full: unlink(state + "/ballast")
            case .readOnly:
                try await PrivateMount.set(writable: true, stage.scratch.file("state"), of: daemon, on: stage)
            }
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

    @Test("a gateway.json that is damaged while nothing is joined is named by the status, and stays as it is")
    func damagedLater() async throws {
        try await Stage.run { stage in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            let path = stage.scratch.file("state/gateway.json")
            try StateFile.write(path, Array("{\"url\":".utf8), durable: false)
            try await stage.status { $0.contains("\"gateway-unknown\"") }
            let told = try await stage.ask("status").answer
            #expect(told.contains("error        the joined gateway is unknown: \(path) is damaged ("), "\(told)")
            #expect(told.contains("mv \(path) \(path).damaged\n") && !told.contains("no gateway has been joined"))
            #expect(String(decoding: try StateFile.read(path), as: UTF8.self) == "{\"url\":")
            try call { rename(path, path + ".damaged") }
            try await stage.status { $0.contains("no gateway has been joined") }
            #expect(try await stage.ask("join", stage.gateway.url, "--no-wait").status == .exited(0))
            try await stage.status { $0.contains("\"connected\"") && !$0.contains("gateway-unknown") }
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    /// Whether the identity is still there is looked at after every change of the directory, by a thread that nobody waits for.
    @Test("a stop while the state is being looked at is a clean end") func stopped() async throws {
        try await Stage.run { stage in
            let state = stage.scratch.file("state")
            for _ in 0..<15 {
                let daemon = try stage.start(["run"])
                try await stage.status { (try? JSONReader.read(Array($0.utf8)))?["pid"]?.integer == Int(daemon.pid) }
                let restless = try ChildProcess.spawn(
                    "/bin/sh", arguments: ["-c", "while :; do : >\(state)/mark; done"], on: stage.loop)
                // It has begun when there is something to be looked at.
                let watch = try DirectoryWatch(state, on: stage.loop)
                for _ in 0..<20 { try await watch.next() }
                daemon.signal(SIGTERM)
                let status = try await daemon.wait()
                await restless.end()
                #expect(status == .exited(0), "\(stage.log)")
            }
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
