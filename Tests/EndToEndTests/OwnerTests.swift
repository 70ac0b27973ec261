import Glibc
import LinuxIO
import NodeCrypto
import PracticeGateway
import Testing

/// Who may do what with whose state.
@Suite struct OwnerTests {
    static let need: Comment = "needs root, who alone can act as somebody else"
    /// Nobody's, so that nothing here is theirs by accident.
    static let owner: uid_t = 61_234

    func owner(of path: String) throws -> uid_t {
        var status = stat()
        try call { lstat(path, &status) }
        return status.st_uid
    }

    /// A state directory that is not root's, and a token that is.
    func stage(_ body: @escaping @Sendable (Stage, String) async throws -> Void) async throws {
        var options = Stage.open()
        options.authentication = .token("right")
        try await Stage.run(options) { stage in
            let state = stage.scratch.file("state")
            try StateFile.makeDirectory(state)
            try call { chown(state, Self.owner, Self.owner) }
            // The folder itself is the test's.
            try call { chmod(stage.scratch.path, 0o711) }
            let token = stage.scratch.file("token")
            try StateFile.write(token, Array("right".utf8), durable: false)
            try await body(stage, token)
        }
    }

    @Test(
        "what root joins, leaves and makes in a state directory is its owner's",
        .enabled(if: geteuid() == 0, OwnerTests.need))
    func root() async throws {
        try await stage { stage, token in
            let state = stage.scratch.file("state")
            let join = try await stage.ask("join", stage.gateway.url, "--token-file", token, "--no-wait")
            #expect(join.status == .exited(0))
            #expect(try await stage.ask("identity").status == .exited(0))
            #expect(try await stage.ask("pause", "camera").status == .exited(0))
            for name in ["gateway.json", "identity.json", "paused-camera"] {
                #expect(try owner(of: state + "/" + name) == Self.owner)
            }
            #expect(try await stage.ask("leave", "--identity", "--yes").status == .exited(0))
            #expect(access(state + "/gateway.json", F_OK) != 0 && access(state + "/identity.json", F_OK) != 0)
        }
    }

    @Test(
        "a daemon that root starts by hand is the owner's too, and so is what it writes",
        .enabled(if: geteuid() == 0, OwnerTests.need), arguments: [false, true])
    func daemon(isJoining: Bool) async throws {
        try await stage { stage, token in
            var events = stage.gateway.events.reader()
            if isJoining {
                // The runtime directory is missing, and its place root's.
                let join = try await stage.ask("join", stage.gateway.url, "--token-file", token, "--foreground")
                #expect(join.status == .exited(0), "\(stage.log)")
            } else {
                try await stage.withDaemon(["--token-file", token]) { daemon in
                    _ = try await stage.hello(&events)
                    #expect(try owner(of: "/proc/\(daemon.pid)") == Self.owner)
                }
            }
            for path in ["state/identity.json", "state/tokens.json", "state/state.lock", "run", "run/status.json"] {
                #expect(try owner(of: stage.scratch.file(path)) == Self.owner, "\(path)")
            }
        }
    }

    @Test(
        "certificates that only root can read are refused when they are joined, not when the daemon needs them",
        .enabled(if: geteuid() == 0, OwnerTests.need))
    func authorities() async throws {
        try await stage { stage, _ in
            let certificate = stage.scratch.file("ca.pem")
            let own = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
            try StateFile.write(certificate, Array(own.certificatePEM.utf8), durable: false)
            let join = ["join", "wss://127.0.0.1:1", "--ca-file", certificate, "--no-wait"]
            #expect(try await stage.start(join).wait() == .exited(64))
            #expect(stage.log.contains("\(certificate)") && stage.log.contains("Permission denied"), "\(stage.log)")
            try call { chmod(certificate, 0o644) }
            #expect(try await stage.start(join).wait() == .exited(0))
        }
    }

    @Test(
        "a user without a node, on a machine that has one, is told of that one, and no second identity is made",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func stranger() async throws {
        try await Prompt.run { prompt in
            let home = prompt.scratch.file("home")
            try StateFile.makeDirectory(home)
            let status =
                #"{"version":"1","pid":1,"state":"connected","deviceId":"ab12","startedAtMs":1"#
                + #","declared":{"caps":[],"commands":[]},"conditions":[],"workers":[],"usage":[]"#
                + #","invocations":{"total":0,"refused":0,"recent":[]}}"#
            let user = [
                "/usr/bin/unshare", "--map-user=1000", "--map-group=1000", "/bin/sh", "-c",
                "\"$0\" status; exec \"$0\" identity", Stage.program,
            ]
            let words = try PrivateMount.words(
                mounting: "mode=755", at: "/run",
                then: "mkdir /run/clawnode; echo '\(status)' >/run/clawnode/status.json; "
                    + "exec env -i HOME=\(home) \"$0\" \"$@\"", user)
            let shell = try HeardProgram(words[0], Array(words.dropFirst()), on: prompt.loop)
            #expect(try await shell.process.wait() == .exited(1))
            try await shell.hearEnd()
            #expect(
                shell.heard.contains("none was made now; for the machine's, device ab12, run: sudo clawnode identity"))
            #expect(shell.heard.contains("the machine's own runs and is connected, look at it: sudo clawnode status;"))
            #expect(access(home + "/.local/state/clawnode", F_OK) != 0)
        }
    }

    @Test(
        "a user's state and settings are in the user's home, closed to others",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func user() async throws {
        try await Prompt.run { prompt in
            let home = prompt.scratch.file("home")
            try StateFile.makeDirectory(home)
            let script = """
                "$0" join ws://127.0.0.1:1 --enable camera && "$0" commands && "$0" identity && ! "$0" status
                """
            let user = ["/usr/bin/unshare", "--map-user=1000", "--map-group=1000", "/bin/sh", "-c", script]
            // A daemon of the system's runs, too.
            let words = try PrivateMount.words(
                mounting: "mode=755", at: "/run",
                then: "mkdir /run/clawnode; echo {} >/run/clawnode/status.json; exec env -i HOME=\(home) \"$0\" \"$@\"",
                user + [Stage.program])
            let shell = try HeardProgram(words[0], Array(words.dropFirst()), on: prompt.loop)
            #expect(try await shell.process.wait() == .exited(0))
            try await shell.hearEnd()
            #expect(shell.heard.contains("kept in \(home)/.local/state/clawnode/gateway.json"), "\(shell.heard)")
            #expect(shell.heard.contains("clawnode run, or: systemctl --user start clawnode; or was it for the system"))
            #expect(shell.heard.contains("camera.snap         on\n"))
            #expect(
                shell.heard.hasSuffix(
                    "; the machine's own runs, look at it: sudo clawnode status; or start your own: clawnode run, "
                        + "or: systemctl --user start clawnode\n"))
            #expect(access(home + "/.config/clawnode/config.d/enable-camera.json", F_OK) == 0)
            var status = stat()
            try call { stat(home + "/.local/state/clawnode", &status) }
            #expect(status.st_mode & 0o777 == 0o700)
            for name in ["gateway.json", "identity.json"] {
                try call { stat(home + "/.local/state/clawnode/" + name, &status) }
                #expect(status.st_mode & 0o777 == 0o600)
            }
        }
    }
}
