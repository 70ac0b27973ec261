import Glibc
import LinuxIO
import NodeCrypto
import PracticeGateway
import Testing

/// Joining by what an operator hands out, in each of its forms.
@Suite struct LinkFormTests {
    enum Form: CaseIterable, Sendable {
        case code, prefixed, link
    }

    /// A gateway that wants a credential, and lets in whoever has one.
    static func options(_ release: GatewayRelease = .newest) -> PracticeOptions {
        var options = Stage.open()
        options.release = release
        options.authentication = .token("shared")
        return options
    }

    static func link(_ form: Form, of gateway: PracticeGateway) async -> String {
        switch form {
        case .code: await gateway.issueSetupCode()
        case .prefixed: "oc-pair://" + (await gateway.issueSetupCode())
        case .link: await gateway.issueJoinLink()
        }
    }

    /// The words behind `join`, and those that lead to a gateway whose certificate nobody has signed.
    static func words(_ form: Form, _ gateway: PracticeGateway) async -> [String] {
        let link = await link(form, of: gateway)
        guard form == .link, let certificate = gateway.options.certificate else { return [link] }
        return [link, "--tls-fingerprint", certificate.fingerprint]
    }

    static func secret(_ stage: Stage) throws -> String? {
        try JSONReader.read(try StateFile.read(stage.scratch.file("state/gateway.json")))["bootstrapToken"]?.string
    }

    @Test(
        "one line joins and switches on, while the daemon runs; what it came with is used once, and nowhere to be found then",
        arguments: Form.allCases, Stage.Wire.allCases)
    func joins(_ form: Form, _ wire: Stage.Wire) async throws {
        try await Stage.run(over: wire, Self.options()) { stage async throws in
            try stage.configure("{\"camera\": {\"pattern\": true}}")
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            var events = stage.gateway.events.reader()
            let words = await Self.words(form, stage.gateway)
            #expect(try await stage.start(["join"] + words + ["--enable", "camera"]).wait() == .exited(0))
            let node = try await stage.hello(&events)
            #expect(node.credential == .bootstrapToken)
            #expect(node.declared.commands.contains("camera.snap"))
            #expect(await stage.gateway.invoke("camera.snap").isSuccess)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
            #expect(try Self.secret(stage) == nil)

            let again = try stage.start(["run"])
            #expect(try await stage.hello(&events).credential == .deviceToken)
            again.signal(SIGTERM)
            #expect(try await again.wait() == .exited(0))
            // In the log, by then both programs'.
            #expect(!stage.log.contains(words[0]) && !stage.log.contains("bootstrapToken"))
        }
    }

    @Test("its token waits with the device for the approval, and is not told by the status") func waiting() async throws
    {
        var options = Self.options()
        options.approvesDevices = false
        try await Stage.run(options) { stage async throws in
            let daemon = try stage.start(["run"])
            try await stage.status { $0.contains("\"not-joined\"") }
            var events = stage.gateway.events.reader()
            let join = try HeardProgram(["join", await stage.gateway.issueJoinLink()], on: stage)
            let request = try await events.first { event -> PairingQueue.Request? in
                if case .pairingRequested(let request) = event { request } else { nil }
            }
            try await join.hear("do, where the gateway runs: openclaw devices approve \(request.id)\n")
            let secret = try #require(try Self.secret(stage))
            let status = try await stage.status { $0.contains("\"waiting-for-approval\"") }
            #expect(!status.contains(secret) && !join.heard.contains(secret) && !stage.log.contains(secret))
            _ = try await stage.gateway.approveDevice(request.id)
            try await join.hear("connected to \(stage.gateway.url)\n")
            #expect(try await stage.hello(&events).credential == .bootstrapToken)
            // What has to be in the gateway's configuration is said before.
            let allow = "{ gateway: { nodes: { commands: { allow: [\"device.info\""
            #expect(join.heard.contains(allow))
            let place = try #require(join.heard.firstRange(of: allow))
            let approval = try #require(join.heard.firstRange(of: "devices approve"))
            #expect(place.lowerBound < approval.lowerBound)
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
        }
    }

    @Test("a link to a gateway whose certificate nobody has signed is not fetched, and its fingerprint is in the line")
    func untrusted() async throws {
        try await Stage.run(over: .tls, Self.options()) { stage async throws in
            let link = await stage.gateway.issueJoinLink()
            #expect(try await stage.ask("join", link, "--no-wait").status == .exited(76))
            let fingerprint = try #require(stage.gateway.options.certificate).fingerprint
            #expect(stage.log.contains("then: clawnode join LINK --tls-fingerprint \(fingerprint);"), "\(stage.log)")
            // It was not used up.
            let join = ["join", link, "--tls-fingerprint", fingerprint, "--no-wait"]
            #expect(try await stage.start(join).wait() == .exited(0), "\(stage.log)")
        }
    }

    @Test("a join link that was fetched is used up: 65, how a new one is made, and nothing is written") func usedUp()
        async throws
    {
        try await Stage.run(Self.options()) { stage async throws in
            let link = await stage.gateway.issueJoinLink(context: "/ctx")
            #expect(try await stage.ask("join", link, "--no-wait").status == .exited(0))
            let before = try StateFile.read(stage.scratch.file("state/gateway.json"))
            #expect(try await stage.ask("join", link, "--no-wait").status == .exited(65))
            #expect(stage.log.contains("openclaw devices join-code") && !stage.log.contains(link))
            #expect(try StateFile.read(stage.scratch.file("state/gateway.json")) == before)
        }
    }

    @Test("a setup code that has expired by the time it is used ends with 65 and how a new one is made") func expired()
        async throws
    {
        try await Stage.run(Self.options()) { stage async throws in
            let code = await stage.gateway.issueSetupCode()
            await stage.gateway.expireSetupCodes()
            #expect(try await stage.ask("join", code, "--foreground").status == .exited(65))
            #expect(stage.log.contains("do: clawnode join LINK"))
            // The next one is as good as the first would have been.
            let fresh = await stage.gateway.issueSetupCode()
            #expect(try await stage.ask("join", fresh, "--foreground").status == .exited(0))
            #expect(try Self.secret(stage) == nil)
        }
    }

    @Test("a code whose time is over is not even tried") func outdated() async throws {
        try await Prompt.run { prompt async throws in
            let json = #"{"url":"ws://127.0.0.1:1","bootstrapToken":"t","expiresAtMs":1767225600000}"#
            let end = try await prompt.clawnode("join", Base64Text.urlText(Array(json.utf8)))
            #expect(end.code == 65 && end.talk.contains("has expired") && !prompt.scratch.names.contains("state"))
        }
    }

    @Test("April's code hands over an operator's token too, which is not kept") func april() async throws {
        try await Stage.run(Self.options(.april)) { stage async throws in
            var events = stage.gateway.events.reader()
            let code = await stage.gateway.issueSetupCode()
            #expect(try await stage.ask("join", code, "--foreground").status == .exited(0))
            #expect(try await stage.hello(&events).credential == .bootstrapToken)
            let tokens = String(decoding: try StateFile.read(stage.scratch.file("state/tokens.json")), as: UTF8.self)
            #expect(tokens.contains("\"node\"") && !tokens.contains("operator"))
        }
    }

    @Test("January's code brings the gateway's own token") func january() async throws {
        try await Stage.run(Self.options(.january)) { stage async throws in
            var events = stage.gateway.events.reader()
            let code = await stage.gateway.issueSetupCode()
            #expect(try await stage.ask("join", code, "--foreground").status == .exited(0))
            #expect(try await stage.hello(&events).credential == .token)
        }
    }

    @Test("further addresses are kept in their order") func addresses() async throws {
        try await Stage.run(Self.options()) { stage async throws in
            let urls = ["wss://gw.example:1", "wss://gw.example:2/ctx", stage.gateway.url]
            let code = await stage.gateway.issueSetupCode(urls: urls)
            #expect(try await stage.ask("join", code, "--no-wait").status == .exited(0))
            let record = try JSONReader.read(try StateFile.read(stage.scratch.file("state/gateway.json")))
            #expect(record["url"]?.string == urls[0])
            #expect(record["urls"]?.array?.compactMap(\.string) == Array(urls.dropFirst()))
            #expect(stage.log.contains("where that fails: \(urls[1]) \(urls[2])"))
        }
    }

    @Test("where a code's first address does not answer, the next one leads to the gateway") func nextAddress()
        async throws
    {
        try await Stage.run(Self.options()) { stage async throws in
            var events = stage.gateway.events.reader()
            let code = await stage.gateway.issueSetupCode(urls: ["ws://127.0.0.1:1", stage.gateway.url])
            #expect(try await stage.ask("join", code, "--foreground").status == .exited(0))
            #expect(try await stage.hello(&events).credential == .bootstrapToken)
            #expect(try Self.secret(stage) == nil)
        }
    }

    @Test("what stands in the query of a gateway's URL is for the gateway, and told to nobody else") func query()
        async throws
    {
        try await Stage.run { stage async throws in
            let daemon = try stage.start(["run", "--log-level", "debug"])
            try await stage.status { $0.contains("\"not-joined\"") }
            let join = try await stage.ask("join", stage.gateway.url + "/?token=hush")
            #expect(join.status == .exited(0) && join.answer == "connected to \(stage.gateway.url)/?…\n")
            let status = try await stage.status { $0.contains("\"connected\"") }
            let told = [
                status, try await stage.ask("status").answer, try await stage.ask("doctor", "--json").answer,
            ]
            #expect(told.allSatisfy { $0.contains(stage.gateway.url + "/?…") && !$0.contains("hush") })
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0))
            #expect(!stage.log.contains("hush"))
            let record = String(decoding: try StateFile.read(stage.scratch.file("state/gateway.json")), as: UTF8.self)
            #expect(record.contains("token=hush"))
        }
    }

    @Test("a link and a token can come from standard input") func piped() async throws {
        try await Prompt.run { prompt async throws in
            let json = #"{"url":"ws://127.0.0.1:1","bootstrapToken":"hush"}"#
            let code = Base64Text.urlText(Array(json.utf8))
            #expect(try await prompt.clawnode("join", "-", "--no-wait", input: "\n oc-pair://\(code)\n").code == 0)
            #expect(try prompt.read("state/gateway.json").contains("\"hush\""))
            let end = try await prompt.clawnode(
                "join", "ws://127.0.0.1:1", "--token-file", "-", "--no-wait", input: "shared\n")
            #expect(end.code == 0)
            let record = try prompt.read("state/gateway.json")
            #expect(record.contains("\"shared\"") && !record.contains("hush"))
            #expect(try await prompt.clawnode("join", "-", input: "").code == 64)
            #expect(try await prompt.clawnode("join", code, "--token-file", "-", input: "x").code == 64)
        }
    }

    @Test("at a terminal it is asked for and not shown, even one that is longer than a terminal's line") func typed()
        async throws
    {
        try await Prompt.run { prompt async throws in
            let padding = String(repeating: "x", count: 4500)
            let json = #"{"url":"ws://127.0.0.1:1","bootstrapToken":"hush","later":"\#(padding)"}"#
            let code = Base64Text.urlText(Array(json.utf8))
            let answer = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/answer.py"
            let end = try await prompt.run(
                "/usr/bin/env", ["python3", answer, "not shown", code, Stage.program, "join", "--no-wait"],
                variables: ["TERM": "xterm"])
            #expect(end.code == 0, "\(end.answer)")
            #expect(end.answer.contains("Joined ws://127.0.0.1:1") && !end.answer.contains(code.prefix(40)))
            #expect(try prompt.read("state/gateway.json").contains("\"hush\""))
            let refused = try await prompt.run(
                "/usr/bin/env", ["python3", answer, "not shown", "\u{3}", Stage.program, "join"],
                variables: ["TERM": "xterm"])
            #expect(refused.code == 1 && refused.answer.contains("nothing has changed"))
        }
    }
}
