import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing

@testable import NodeDoctor
@testable import NodeRuntime

@Suite(.timeLimit(.minutes(5))) struct GatewayCheckTests {
    /// Runs `body` beside a gateway, which hears no `connect` and sees no breach.
    func beside(
        _ options: PracticeOptions = PracticeOptions(),
        _ body: @escaping @Sendable (Scene, PracticeGateway) async throws -> Void
    ) async throws {
        try await Scene.run { scene in
            let gateway = try PracticeGateway(options, on: scene.loop)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask { try await body(scene, gateway) }
                try await group.next()
                group.cancelAll()
            }
            #expect(gateway.violations.isEmpty)
            #expect(!gateway.events.all.contains { if case .connect = $0 { true } else { false } })
        }
    }

    @Test("a gateway that answers is fine in every step, and is not told who we are") func fine() async throws {
        try await beside { scene, gateway in
            let patient = try scene.patient("{\"gateway\": \"\(gateway.url)\"}")
            let findings = await GatewayCheck(patience: .seconds(30)).findings(in: patient)
            #expect(findings.map(\.check) == GatewayCheck.topics)
            #expect(findings.allSatisfy { $0.verdict == .ok }, "\(findings)")
        }
    }

    @Test("a GoClaw gateway that has been found, or is named as such, is fine in every step", arguments: [true, false])
    func goclaw(_ isNamed: Bool) async throws {
        try await Scene.run { scene in
            let gateway = try GoClawGateway(GoClawOptions(.core), on: scene.loop)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await gateway.run() }
                group.addTask {
                    if !isNamed {
                        let identity = try DeviceIdentity.loadOrCreate(in: scene.state)
                        let tokens = try TokenStore(directory: scene.state)
                        let endpoint = try GatewayEndpoint(gateway.url)
                        var memory = tokens.memory(of: endpoint, deviceID: identity.deviceID)
                        memory.goclaw = GoClawMemory()
                        tokens.remember(memory, of: endpoint)
                        try tokens.save()
                    }
                    let dialect = isNamed ? ", \"dialect\": \"goclaw\"" : ""
                    let patient = try scene.patient("{\"gateway\": \"\(gateway.url)\"\(dialect)}")
                    let findings = await GatewayCheck(patience: .seconds(30)).findings(in: patient)
                    #expect(
                        findings["gateway.challenge"]
                            == .ok("gateway.challenge", "the gateway lets us speak first, as GoClaw's do"))
                    #expect(findings.allSatisfy { $0.verdict == .ok || $0.check == "gateway.clock" }, "\(findings)")
                }
                try await group.next()
                group.cancelAll()
            }
            // Nothing was said to it.
            #expect(!gateway.events.all.contains { if case .connect = $0 { true } else { false } })
        }
    }

    @Test("a joined gateway is looked for like a configured one") func joined() async throws {
        try await beside { scene, gateway in
            try GatewayRecord(url: gateway.url, token: "secret").save(in: scene.state)
            let findings = await GatewayCheck(patience: .seconds(30)).findings(in: try scene.patient())
            #expect(findings.allSatisfy { $0.verdict == .ok })
        }
    }

    @Test("the daemon's gateway counts before the configured one, and its complaint where we have none")
    func daemons() async throws {
        try await beside { scene, gateway in
            var status = Scene.now(.waiting)
            status.gateway = .init(url: gateway.url)
            status.conditions = [
                Condition(id: "gateway-unreachable", severity: .warning, summary: "it was away", remedy: "wait")
            ]
            let daemon = try scene.daemon(status)
            let findings = await GatewayCheck(patience: .seconds(30)).findings(
                in: try scene.patient("{\"gateway\": \"ws://127.0.0.1:9\"}"))
            #expect(findings["gateway"] == .warning("gateway", "it was away", remedy: "wait"))
            #expect(findings["gateway.challenge"]?.verdict == .ok)
            withExtendedLifetime(daemon) {}
        }
    }

    @Test("a step that fails is an error in the daemon's words, and the ones after it are not tried") func failed()
        async throws
    {
        try await beside { scene, gateway in
            gateway.faults.script(arrivals: [.refuseUpgrade(status: 503, body: "full")])
            let findings = await GatewayCheck(patience: .seconds(30)).findings(
                in: try scene.patient("{\"gateway\": \"\(gateway.url)\"}"))
            #expect(
                findings["gateway.upgrade"]
                    == .error(
                        "gateway.upgrade", "no connection to \(gateway.url): the server answered HTTP 503: full",
                        remedy: "openclaw gateway status"))
            #expect(findings["gateway.tcp"]?.verdict == .ok)
            #expect(findings["gateway.challenge"]?.verdict == .skipped)
        }
    }

    @Test("an address that fails is no error where another one leads to the gateway") func otherAddress() async throws {
        try await beside { scene, gateway in
            let patient = try scene.patient(
                "{\"gateway\": \"ws://127.0.0.1:9\", \"gatewayAlternatives\": [\"\(gateway.url)\"]}")
            let findings = await GatewayCheck(patience: .seconds(30)).findings(in: patient)
            #expect(
                findings["gateway"]
                    == .note(
                        "gateway", "it is ws://127.0.0.1:9, which fails below; \(gateway.url) leads to it, and is used")
            )
            #expect(findings["gateway.tcp"]?.verdict == .warning)
        }
    }

    @Test("without a gateway there is the line that joins one, and what is not understood may name one")
    func none() async throws {
        try await Scene.run { scene in
            let finding = await GatewayCheck(patience: .seconds(30)).findings(in: try scene.patient())["gateway"]
            #expect(finding == Finding("gateway", .notJoined(.user), as: .warning))
            #expect(
                try await GatewayCheck(patience: .seconds(30)).findings(in: scene.patient("{"))["gateway"]?.verdict
                    == .skipped)
        }
    }

    @Test("users of a machine that has a node need none of their own") func machines() async throws {
        try await Scene.run { scene in
            try scene.place("{}", at: "/run/clawnode/status.json")
            func verdict(isRoot: Bool) async throws -> Finding.Verdict? {
                await GatewayCheck().findings(in: try scene.patient(isRoot: isRoot))["gateway"]?.verdict
            }
            #expect(try await verdict(isRoot: false) == .note)
            #expect(try await verdict(isRoot: true) == .warning)
        }
    }

    @Test("a certificate that is not trusted comes with the line that trusts it, its own fingerprint in it")
    func fingerprint() async throws {
        var options = PracticeOptions()
        let certificate = try SelfSignedCertificate.make(hosts: ["127.0.0.1"])
        options.certificate = certificate
        for pin in ["", ", \"tlsFingerprints\": [\"\(String(repeating: "ab", count: 32))\"]"] {
            try await beside(options) { scene, gateway in
                let patient = try scene.patient("{\"gateway\": \"\(gateway.url)\"\(pin)}")
                let finding = await GatewayCheck(patience: .seconds(30)).findings(in: patient)["gateway.tls"]
                #expect(finding?.verdict == .error)
                let remedy = try #require(finding?.remedy)
                #expect(remedy.hasPrefix("compare the fingerprint with the gateway's own, then: "), "\(remedy)")
                #expect(remedy.contains(certificate.fingerprint), "\(remedy)")
            }
        }
    }

    @Test("where no daemon runs it is the unit's proxy that counts, and not that of whoever looks")
    func unitsProxy() async throws {
        try await Scene.run { scene in
            let state = scene.scratch.file("clawnode")
            try GatewayRecord(url: "wss://gw.example").save(in: state)
            func proxy() async throws -> String? {
                let patient = try await scene.usualPatient(variables: ["https_proxy": "http://127.0.0.1:8"])
                #expect(patient.configuration.stateDirectory == state)
                return try GatewayTarget(of: patient)?.way.proxy?.description
            }
            #expect(try await proxy() == "http://127.0.0.1:8", "there is no systemd")
            let environment = #"A=b "https_proxy=http://u:p\$1@127.0.0.1:9" no_proxy=none.example"#
            try await scene.systemd([
                "clawnode.service": ["LoadState": "loaded", "Environment": environment]
            ])
            #expect(try await proxy() == "http://127.0.0.1:9")
            try await scene.systemd(["clawnode.service": ["LoadState": "loaded", "Environment": ""]])
            #expect(try await proxy() == nil)
            try await scene.systemd([
                "clawnode.service": [
                    "LoadState": "loaded", "Environment": environment,
                    "EnvironmentFiles":
                        "/etc/none (ignore_errors=yes)\nEnvironmentFiles=/etc/clawnode/environment (ignore_errors=no)",
                ]
            ])
            try scene.place("# c\n https_proxy=\"http://127.0.0.1:10\"\nX = y\n", at: "/etc/clawnode/environment")
            #expect(try await proxy() == "http://127.0.0.1:10", "files beat what the unit says")
            try await scene.systemd([:])
            #expect(try await proxy() == "http://127.0.0.1:8", "systemd does not start it")
        }
    }

    @Test("an environment is read as systemd tells it")
    func environment() {
        #expect(Systemd.variables("").isEmpty)
        #expect(
            Systemd.variables(#"A=b "C=d e\"f" 'G=h i' $'J=k' L= M=n=o junk"#)
                == ["A": "b", "C": "d e\"f", "G": "h i", "J": "k", "L": "", "M": "n=o"])
    }

    @Test("a daemon's proxy is seen where only the daemon was told of it") func proxy() async throws {
        try await Scene.run { scene in
            let child = try ChildProcess.spawn(
                "/bin/sleep", arguments: ["infinity"],
                environment: ["https_proxy": "http://u:secret@127.0.0.1:9", "HOME": "/elsewhere"], on: scene.loop)
            defer { child.signal(SIGKILL) }
            // The kernel lets the parent go on before the child's environment is in its place.
            while EnvironmentVariables.of(process: Int(child.pid))?.isEmpty != false { await Task.yield() }
            var status = Scene.now(.waiting)
            status.pid = Int(child.pid)
            let daemon = try scene.daemon(status)
            let configuration = "{\"gateway\": \"wss://gateway.invalid\"}"
            let patient = try scene.patient(configuration, variables: ["https_proxy": "http://127.0.0.1:8"])
            let way = try #require(try GatewayTarget(of: patient)).way
            #expect(way.proxy?.description == "http://127.0.0.1:9" && way.proxy?.credentials != nil)
            #expect(patient.surroundings.value("HOME") == "/nonexistent")
            let finding = await GatewayCheck(patience: .seconds(30)).findings(in: patient)
                .first { $0.verdict == .error }
            #expect(finding?.summary.contains("http://127.0.0.1:9") == true, "\(String(describing: finding))")
            #expect(finding?.summary.contains("secret") == false)
            withExtendedLifetime(daemon) {}
            // Without a daemon, the doctor's own surroundings are all there is.
            let alone = try Scene(scratch: ScratchFolder(), loop: scene.loop)
                .patient(configuration, variables: ["https_proxy": "http://127.0.0.1:8"])
            #expect(try GatewayTarget(of: alone)?.way.proxy?.description == "http://127.0.0.1:8")
        }
    }

    @Test("a certificate that only the daemon's options could vouch for is not blamed") func options() throws {
        let failure = Condition(id: "certificate", severity: .error, summary: "s", remedy: "r")
        let endpoint = try GatewayEndpoint("wss://gw.invalid")
        let way = GatewayWay(endpoint: endpoint, proxy: nil, edge: nil)
        let daemons = GatewayTarget(way: way, trust: .system, isDaemons: true)
        let own = GatewayTarget(way: way, trust: .system, isDaemons: false)
        #expect(GatewayCheck.finding(.tls, .failed(failure), daemons).verdict == .skipped)
        #expect(GatewayCheck.finding(.tls, .failed(failure), own).verdict == .error)
    }

    @Test(
        "a certificate that ends within two weeks is told while there is time",
        arguments: [(nil, Finding.Verdict.ok), (14, .ok), (13, .warning), (0, .warning)] as [(Int?, Finding.Verdict)])
    func certificate(daysLeft: Int?, verdict: Finding.Verdict) {
        #expect(GatewayCheck.judge(.ok("gateway.tls", "x"), .user, daysLeft: daysLeft).verdict == verdict)
        let failed = Finding.error("gateway.tls", "x", remedy: "y")
        #expect(GatewayCheck.judge(failed, .user, daysLeft: daysLeft) == failed)
    }

    @Test(
        "a clock that differs by more than a minute is told",
        arguments: [(Duration.seconds(59), Finding.Verdict.ok), (.seconds(-90), .warning), (.seconds(1e10), .warning)])
    func clock(difference: Duration, verdict: Finding.Verdict) {
        #expect(GatewayCheck.judge(difference).verdict == verdict)
    }
}
