import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// `clawnode doctor` as a person and a script meet it.
@Suite(.timeLimit(.minutes(3))) struct DoctorTests {
    /// The answer's findings by check.
    static func findings(_ answer: String) throws -> [String: JSONValue] {
        let list = try #require(JSONReader.read(Array(answer.utf8))["findings"]?.array)
        return Dictionary(list.map { ($0["check"]?.string ?? "", $0) }) { first, _ in first }
    }

    static func keys(_ value: JSONValue) -> Set<String> {
        Set((value.object?.members ?? []).map(\.key))
    }

    @Test("the JSON has the keys that scripts rely on") func schema() async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode("doctor", "--json")
            let answer = try JSONReader.read(Array(end.answer.utf8))
            #expect(Self.keys(answer) == ["version", "worst", "findings"])
            #expect(answer["worst"]?.string == "warning")
            let verdicts = ["error", "warning", "note", "skipped", "ok"]
            var ranks: [Int] = []
            for finding in try #require(answer["findings"]?.array) {
                let keys = Self.keys(finding)
                #expect(keys == ["check", "verdict", "summary"] || keys == ["check", "verdict", "summary", "remedy"])
                ranks.append(try #require(verdicts.firstIndex(of: finding["verdict"]?.string ?? "")))
            }
            #expect(ranks == ranks.sorted())
            let checks = [
                "configuration", "configuration.files", "scope", "state", "state.files", "disk.state", "disk.runtime",
                "clock", "gateway", "gateway.name", "gateway.route", "gateway.tcp", "gateway.proxy", "gateway.tls",
                "gateway.upgrade",
                "gateway.challenge", "gateway.clock", "authorities", "daemon", "daemon.version", "daemon.conditions",
                "gateway.auth", "gateway.device", "gateway.surface", "gateway.commands", "capabilities", "workers",
                "encoder", "camera.access", "camera.list", "microphone.list", "location", "screen.list",
                "units.service",
                "units.confinement",
                "units.socket", "power",
            ]
            #expect(try Set(Self.findings(end.answer).keys) == Set(checks))
        }
    }

    @Test("who has not joined is told how, in a line of its own, and nothing is written") func notJoined() async throws
    {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode("doctor")
            #expect(end.code == 1 && end.talk.isEmpty)
            let lines = end.answer.split(separator: "\n")
            #expect(lines.first?.hasPrefix("warning  gateway ") == true)
            #expect(lines.dropFirst().first == "  do: clawnode join wss://GATEWAY:18789 --token-file FILE")
            #expect(prompt.scratch.names == ["clawnode.json", "out", "stdin", "talk"])
        }
    }

    @Test("a configuration that is not understood is the first finding, and no end") func broken() async throws {
        try await Prompt.run { prompt in
            let file = try prompt.write("{\n  \"gatewya\": 1\n}", to: "clawnode.json")
            let end = try await prompt.clawnode("doctor")
            #expect(end.code == 1)
            #expect(end.answer.hasPrefix("error    configuration "))
            #expect(end.answer.contains("\(file): gatewya: unknown key"))
            #expect(end.answer.contains("clock"))
        }
    }

    @Test("a wrong option ends with 64, like everywhere") func usage() async throws {
        try await Prompt.run { prompt in
            for word in ["--jsno", "extra"] {
                let end = try await prompt.clawnode("doctor", word)
                #expect(end.code == 64 && end.answer.isEmpty)
            }
        }
    }

    @Test("a node that works is well in all that concerns it, is not disturbed, and no secret shows") func well()
        async throws
    {
        var options = Stage.open()
        options.authentication = .token("hush-hush-token")
        try await Stage.run(options) { stage in
            try StateFile.write(stage.scratch.file("token"), Array("hush-hush-token\n".utf8), durable: false)
            var events = stage.gateway.events.reader()
            try await stage.withDaemon(["--token-file", stage.scratch.file("token")]) { _ in
                let node = try await stage.hello(&events)
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                try await stage.status {
                    $0.contains("\"command\" : \"device.info\"") && !$0.contains("surface-approval")
                }
                let (status, answer) = try await stage.ask("doctor", "--json")
                let findings = try Self.findings(answer)
                #expect(status == .exited(0), "\(answer)")
                for check in [
                    "configuration", "state", "state.files", "daemon", "daemon.version", "gateway", "gateway.tcp",
                    "gateway.challenge", "gateway.auth", "gateway.device", "gateway.surface", "workers", "camera.list",
                ] {
                    #expect(findings[check]?["verdict"]?.string == "ok", "\(String(describing: findings[check]))")
                }
                #expect(findings["gateway.commands"]?["summary"]?.string?.contains("device.info") == false)
                // The same connection still serves.
                #expect(await stage.gateway.invoke("device.info").isSuccess)
                #expect(await stage.gateway.nodes.map(\.connection) == [node.connection])

                let tokens = String(
                    decoding: try StateFile.read(stage.scratch.file("state/tokens.json")), as: UTF8.self)
                let key = String(
                    decoding: try StateFile.read(stage.scratch.file("state/identity.json")), as: UTF8.self)
                for secret in Self.secrets(tokens) + Self.secrets(key) + ["hush-hush-token"] {
                    #expect(!answer.contains(secret) && !stage.log.contains(secret))
                }
            }
        }
    }

    /// The values of a state file that nobody else may know.
    static func secrets(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\"")
            guard parts.count >= 4, ["token", "privateKeyPem"].contains(parts[1]) else { return nil }
            return String(parts[3].replacing("\\n", with: " ").split(separator: " ").max { $0.count < $1.count } ?? "")
        }
    }

    @Test("what the daemon waits for is told in the daemon's words") func waiting() async throws {
        var options = Stage.open()
        options.approvesDevices = false
        try await Stage.run(options) { stage in
            try await stage.withDaemon { _ in
                let text = try await stage.status { $0.contains("device-approval") }
                let (status, answer) = try await stage.ask("doctor", "--json")
                #expect(status == .exited(1))
                let finding = try #require(try Self.findings(answer)["gateway.device"])
                let condition = try JSONReader.read(Array(text.utf8))["conditions"]?.array?.first {
                    $0["id"]?.string == "device-approval"
                }
                #expect(finding["summary"]?.string == condition?["summary"]?.string)
                #expect(finding["remedy"]?.string == condition?["remedy"]?.string)
                #expect(finding["remedy"]?.string?.hasPrefix("openclaw devices approve ") == true)
            }
        }
    }

    @Test(
        "a machine without a network is told that no packet leaves it",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func unrouted() async throws {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"gateway\": \"ws://127.0.0.1:18789\"}", to: "clawnode.json")
            let out = try FileDescriptor(
                opening: prompt.scratch.file("out"), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            let child = try ChildProcess.spawn(
                "/usr/bin/unshare",
                arguments: (geteuid() == 0 ? [] : ["--map-root-user"]) + [
                    "--net", Stage.program, "doctor", "--json", "--config", prompt.scratch.file("clawnode.json"),
                    "--state-dir", prompt.scratch.file("state"), "--runtime-dir", prompt.scratch.file("run"),
                ], descriptors: [(out.raw, as: 1)], on: prompt.loop)
            defer { child.signal(SIGKILL) }
            #expect(try await child.wait() == .exited(1))
            let findings = try Self.findings(try prompt.read("out"))
            let route = try #require(findings["gateway.route"])
            #expect(route["verdict"]?.string == "error")
            #expect(route["remedy"]?.string == "ip route get 127.0.0.1")
            #expect(findings["gateway.tcp"]?["verdict"]?.string == "skipped")
        }
    }
}
