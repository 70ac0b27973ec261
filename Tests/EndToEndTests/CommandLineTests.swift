import Glibc
import LinuxIO
import NodeCrypto
import PracticeGateway
import Testing

@Suite struct CommandLineTests {
    @Test(
        "a word that is not understood ends with 64, the nearest right one, and nothing on stdout",
        arguments: [
            (["identty"], "did you mean identity?"), (["run", "--gatway", "x"], "did you mean --gateway?"),
            (["run", "extra"], "unexpected argument: extra"),
            (["config"], "an argument is missing: clawnode config check [FILE]"),
            (["run", "--gateway"], "--gateway needs a value: URL"), (["run", "--tls=yes"], "--tls takes no value"),
            (["run", "--port", "high"], "--port must be a number"), (["run", "--port", "70000"], "from 1 to 65535"),
            (["run", "--log-level", "loud"], "is none of error, warning, info, debug"),
            (["run", "--host", "a", "--host", "b"], "--host is given twice"),
            (["run", "--enable", "camra"], "did you mean \"camera\"?"), (["run", "--enable", "camera,"], "commas"),
            (["run", "--commands", "camera.snpa"], "did you mean camera.snap?"),
            (["run", "--gateway", "ftp://x"], "begins with ws:// or wss://"),
            (["run", "--gateway", "ws://example.com"], "ssh -N -L"),
            (["run", "--gateway", "ws://127.0.0.1:1", "--tls-fingerprint", "zz"], "option --tls-fingerprint"),
            (["run", "--token-file", "/nonexistent"], "No such file"),
            (["config", "chekc"], "did you mean check?"), (["invoke", "device.info", "--timeout", "0"], "from 1 to"),
            (["join", "ws://127.0.0.1:1", "--ca-file", "/nonexistent"], "/nonexistent"),
            ([], "With sudo it is about the machine's own node"),
        ])
    func usage(words: [String], hint: String) async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode(words)
            #expect(end.code == 64)
            #expect(end.talk.contains(hint), "\(end.talk)")
            #expect(end.answer.isEmpty)
        }
    }

    @Test(
        "a file that is not understood ends with 78 and names file and place",
        arguments: [
            ("{\n  \"gatewya\": 1\n}", "gatewya: unknown key; did you mean \"gateway\"?"),
            ("{\n  \"gateway\": \n", "line 3"), ("{\"logLevel\": \"loud\"}", "logLevel: \"loud\" is none of"),
            ("{\"camera\": {\"patern\": true}}", "camera.patern: unknown key; did you mean \"pattern\"?"),
            ("{\"tokenFile\": \"/nonexistent\"}", "tokenFile: /nonexistent cannot be read"),
            ("{\"camera\": {\"aliases\": {\"\": {\"device\": \"x\"}}}}", "camera.aliases.\"\": an alias needs a name"),
            ("{\"maxConcurrentInvocations\": 65}", "from 1 to 64"),
        ])
    func badFile(text: String, hint: String) async throws {
        try await Prompt.run { prompt in
            let file = try prompt.write(text, to: "clawnode.json")
            for words in [["run"], ["config", "check"], ["config", "check", file]] {
                let end = try await prompt.clawnode(words)
                #expect(end.code == 78)
                #expect(end.talk.contains(file) && end.talk.contains(hint), "\(end.talk)")
            }
        }
    }

    @Test("config check looks into the files that are named, also those that only the daemon would open, or nobody now")
    func filesNamed() async throws {
        try await Prompt.run { prompt in
            let prose = try prompt.write("not a certificate", to: "ca.pem")
            let variables = ["OPENCLAW_GATEWAY_TOKEN": "x", "OPENCLAW_GATEWAY_PASSWORD": "y"]
            for (key, path) in [
                ("caFile", "/nonexistent"), ("caFile", prose), ("caFile", "/tmp"), ("tokenFile", "/nonexistent"),
                ("passwordFile", "/nonexistent"),
            ] {
                let file = try prompt.write("{\"\(key)\": \"\(path)\"}", to: "clawnode.json")
                let end = try await prompt.clawnode(["config", "check"], variables: variables)
                #expect(end.code == 78 && end.answer.isEmpty)
                #expect(end.talk.contains("\(file): \(key): ") && end.talk.contains(path), "\(end.talk)")
            }
            let certificate = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
            let own = try prompt.write(certificate.certificatePEM, to: "own.pem")
            _ = try prompt.write("{\"caFile\": \"\(own)\"}", to: "clawnode.json")
            // The credential is systemd's, and there at run time only.
            let credentials = ["CREDENTIALS_DIRECTORY": "/run/credentials/clawnode.service"]
            #expect(try await prompt.clawnode(["config", "check"], variables: credentials).code == 0)
        }
    }

    @Test("a file that was named and is not there ends with 78") func missingFile()
        async throws
    {
        try await Prompt.run { prompt in
            let named = try await prompt.clawnode("run", "--config", "/nonexistent.json")
            #expect(named.code == 78)
        }
    }

    @Test("help is on stdout, has an example, and does nothing else") func help() async throws {
        try await Prompt.run { prompt in
            for word in [
                "run", "join", "leave", "invoke", "commands", "status", "pause", "resume", "identity", "config",
                "version",
            ] {
                let end = try await prompt.clawnode(word, "--help")
                #expect(end.code == 0 && end.talk.isEmpty)
                #expect(
                    end.answer.hasPrefix("usage: clawnode \(word) ") && end.answer.contains("example: clawnode \(word)")
                )
            }
            #expect(try await prompt.clawnode("run", "--no-such", "--help").code == 0)
            #expect(try await prompt.clawnode("--help").answer.contains("example:"))
            #expect(!prompt.scratch.names.contains("state"))
        }
    }

    @Test("what is asked of one machine needs no gateway, and leaves no trace") func invoke() async throws {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"tokenFile\": \"/nonexistent\"}", to: "clawnode.json")
            let info = try await prompt.clawnode("invoke", "device.info")
            #expect(info.code == 0 && info.talk.isEmpty)
            #expect(try JSONReader.read(Array(info.answer.utf8))["kernel"]?.string?.isEmpty == false)
            #expect(!prompt.scratch.names.contains("state") && !prompt.scratch.names.contains("run"))
        }
    }

    @Test(
        "a refusal is JSON on stdout, words on stderr, and 1",
        arguments: [
            (["camera.snap"], "CAMERA_DISABLED", "--enable camera"), (["no.such"], "INVALID_REQUEST", "no.such"),
            (["camera.list", "{", "--enable", "camera"], "INVALID_REQUEST", "JSON"),
            (["camera.snap", "{\"quality\":\"best\"}", "--enable", "camera"], "INVALID_REQUEST", "quality"),
        ])
    func refused(words: [String], code: String, hint: String) async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.clawnode(["invoke"] + words)
            #expect(end.code == 1)
            let reply = try JSONReader.read(Array(end.answer.utf8))
            #expect(reply["error"]?["code"]?.string == code)
            #expect(reply["error"]?["message"]?.string?.contains(hint) == true)
            #expect(end.talk.contains(hint))
        }
    }

    @Test(
        "an answer that cannot be written is an error",
        arguments: [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")])
    func lostOutput(redirection: String, words: String) async throws {
        try await Prompt.run { prompt in
            let end = try await prompt.run("/bin/sh", ["-c", "\"$0\" version \(redirection)", Stage.program])
            #expect(end.code == 73)
            #expect(end.talk.contains(words))
        }
    }

    @Test("a camera is named, placed and turned by the configuration") func placed() async throws {
        try await Prompt.run { prompt in
            let alias = "{\"device\": \"pattern\", \"position\": \"back\", \"rotate\": 90, \"mirror\": true}"
            _ = try prompt.write(
                "{\"camera\": {\"pattern\": true, \"aliases\": {\"wall\": \(alias)}}}", to: "clawnode.json")
            let list = try await prompt.clawnode("invoke", "camera.list", "--enable=camera")
            let devices = try #require(try JSONReader.read(Array(list.answer.utf8))["devices"]?.array)
            let pattern = try #require(devices.first { $0["id"]?.string == "pattern" })
            #expect(pattern["alias"]?.string == "wall" && pattern["position"]?.string == "back")
            for params in [#"{"facing":"back"}"#, #"{"deviceId":"wall"}"#, #"{"deviceId":"pattern"}"#] {
                let snap = try await prompt.clawnode("invoke", "camera.snap", params, "--enable=camera")
                let reply = try JSONReader.read(Array(snap.answer.utf8))
                #expect(reply["width"]?.integer == 720 && reply["height"]?.integer == 1280)
            }
        }
    }

    @Test("config check shows each value and its place, defaults and options too") func configCheck() async throws {
        try await Prompt.run { prompt in
            let file = try prompt.write("{ // ours\n \"displayName\": \"workshop\"}", to: "clawnode.json")
            try StateFile.makeDirectory(prompt.scratch.file("config.d"))
            let fragment = try prompt.write("{\"capabilities\": {\"camera\": true}}", to: "config.d/a.json")
            let end = try await prompt.clawnode("config", "check")
            #expect(end.code == 0)
            for part in [
                "displayName = \"workshop\"  (\(file))", "capabilities.camera = true  (\(fragment))",
                "logLevel = \"info\"  (default)",
                "stateDir = \"\(prompt.scratch.file("state"))\"  (environment variable STATE_DIRECTORY)",
            ] {
                #expect(end.answer.contains(part + "\n"), "\(end.answer)")
            }
        }
    }

    @Test("commands says what is on, and the line that switches on what is not") func commands() async throws {
        try await Prompt.run { prompt in
            let text = try await prompt.clawnode("commands")
            #expect(text.answer.contains("device.info         on\n"))
            #expect(text.answer.contains("camera.snap         off  put \"capabilities\""))
            let json = try JSONReader.read(Array(try await prompt.clawnode("commands", "--json").answer.utf8))
            let snap = json["commands"]?.array?.first { $0["command"]?.string == "camera.snap" }
            #expect(snap?["capability"]?.string == "camera" && snap?["on"] == .bool(false))
        }
    }

    @Test("an identity is made once, and stays until it is removed on purpose") func identity() async throws {
        try await Prompt.run { prompt in
            func id(isNew: Bool = false) async throws -> String? {
                let end = try await prompt.clawnode("identity", "--json")
                #expect(end.talk.hasPrefix("Made now, and kept in ") == isNew, "\(end.talk)")
                #expect(end.code == 0)
                return try JSONReader.read(Array(end.answer.utf8))["deviceId"]?.string
            }
            let first = try await id(isNew: true)
            #expect(first?.count == 64)
            let left = try await prompt.clawnode("leave")
            #expect(left.code == 0 && left.talk == "No gateway had been joined with \(prompt.scratch.file("state")).\n")
            #expect(try await prompt.clawnode("join", "ws://127.0.0.1:1", "--no-wait").code == 0)
            #expect(try await prompt.clawnode("leave").talk == "The gateway is forgotten.\n")
            _ = try prompt.write("{\"gateway\": \"ws://127.0.0.1:2\"}", to: "clawnode.json")
            #expect(try await prompt.clawnode("leave").talk.contains("still names one, ws://127.0.0.1:2"))
            #expect(try await prompt.clawnode("leave", "--identity", input: "no\n").code == 1)
            #expect(try await id() == first)
            #expect(try await prompt.clawnode("leave", "--identity", input: "yes\n").code == 0)
            #expect(try await id(isNew: true) != first)
            #expect(try await prompt.clawnode("leave", "--identity", "--yes").code == 0)
            #expect(access(prompt.scratch.file("state/identity.json"), F_OK) != 0)
        }
    }

    @Test("no daemon, no status: 69") func status() async throws {
        try await Prompt.run { prompt in
            for words in [["status"], ["status", "--json"], ["status", "--watch"]] {
                let end = try await prompt.clawnode(words)
                #expect(end.code == 69 && end.answer.isEmpty)
                #expect(end.talk.contains("clawnode run"))
            }
        }
    }

    @Test("version is a line, or an object") func version() async throws {
        try await Prompt.run { prompt in
            #expect(try await prompt.clawnode("version").answer.hasPrefix("clawnode "))
            let json = try JSONReader.read(Array(try await prompt.clawnode("version", "--json").answer.utf8))
            #expect(json["name"]?.string == "clawnode" && json["version"]?.string?.isEmpty == false)
        }
    }
}
