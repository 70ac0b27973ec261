import Gateway
import LinuxIO
import NodeCore
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct ConfigurationTests {
    func configuration(
        _ options: [String: ConfigurationValue.Content] = [:], variables: [String: String] = [:], isRoot: Bool = false
    ) throws(ConfigurationError) -> Configuration {
        // No file of the machine's own may get in.
        let surroundings = Surroundings(
            variables: ["HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"].merging(variables) { $1 },
            isRoot: isRoot)
        let sources = try ConfigurationSources(
            file: nil, options: options.mapValues { ConfigurationValue($0, from: .option("--x")) },
            surroundings: surroundings)
        return try Configuration(sources, surroundings)
    }

    func list(_ texts: String...) -> ConfigurationValue.Content {
        .array(texts.map { ConfigurationValue(.string($0), from: .option("--x")) })
    }

    func message(_ options: [String: ConfigurationValue.Content], variables: [String: String] = [:]) -> String {
        do throws(ConfigurationError) {
            _ = try configuration(options, variables: variables)
            return "understood"
        } catch { return error.description }
    }

    @Test("without a word from anybody, only the device family is on") func defaults() throws {
        let plain = try configuration(variables: ["HOME": "/home/pi"])
        #expect(plain.enabled == ["device"])
        #expect(plain.gateway == nil)
        #expect(plain.invocationLimit == 8)
        #expect(plain.stateDirectory == "/home/pi/.local/state/clawnode")
        #expect(plain.runtimeDirectory == "/home/pi/.local/state/clawnode/run")
    }

    @Test("a worker is told what it cannot see: how to log, whoever said it") func workers() throws {
        #expect(try configuration().workerArguments == ["--log-level", "info", "--log-format", "text"])
        let told = try configuration(["logLevel": .string("debug"), "logFormat": .string("json")])
        #expect(told.workerArguments == ["--log-level", "debug", "--log-format", "json"])
    }

    @Test("a worker is our child unless systemd is to start it, for the user or for the machine") func sockets() throws
    {
        let media = ConfigurationValue(.string("socket"), from: .option(""))
        let socket = ["workers": ConfigurationValue.Content.object(["media": media])]
        #expect(try configuration().mediaSocket == nil)
        #expect(try configuration(socket).mediaSocket == "/run/clawnode-media.sock")
        #expect(
            try configuration(socket, variables: ["XDG_RUNTIME_DIR": "/run/user/1"]).mediaSocket
                == "/run/user/1/clawnode-media.sock")
    }

    @Test("options beat the environment") func precedence() throws {
        let variables = [
            "OPENCLAW_GATEWAY_URL": "ws://127.0.0.1:1", "STATE_DIRECTORY": "/a:/b", "XDG_RUNTIME_DIR": "/r",
        ]
        let fromEnvironment = try configuration(variables: variables)
        #expect(fromEnvironment.gateway?.port == 1)
        #expect(fromEnvironment.stateDirectory == "/a")
        #expect(fromEnvironment.runtimeDirectory == "/r/clawnode")
        let fromOption = try configuration(["gateway": .string("ws://127.0.0.1:2")], variables: variables)
        #expect(fromOption.gateway?.port == 2)
        let inPieces = try configuration(["host": .string("127.0.0.1")], variables: variables)
        #expect(inPieces.gateway?.port == GatewayEndpoint.usualPort)
    }

    @Test("a token in the environment beats a credential, not an option") func secrets() throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("token")
        try StateFile.write(file, Array("from-file\n".utf8), durable: false)
        try StateFile.write(scratch.file("gateway-token"), Array("  from-credential \n".utf8), durable: false)
        let variables = ["OPENCLAW_GATEWAY_TOKEN": "from-environment", "CREDENTIALS_DIRECTORY": scratch.path]
        #expect(try configuration(variables: variables).secret.token == "from-environment")
        #expect(try configuration(["tokenFile": .string(file)], variables: variables).secret.token == "from-file")
        #expect(
            try configuration(variables: ["CREDENTIALS_DIRECTORY": scratch.path]).secret.token == "from-credential")
    }

    @Test("what cannot be meant is refused with the key")
    func refused() {
        #expect(message(["gateway": .string("ftp://x")]).contains("gateway: ftp://x is no gateway URL"))
        #expect(message(["gateway": .string("ws://example.com")]).contains("in the clear"))
        #expect(
            message(["gateway": .string("ws://127.0.0.1:1"), "tlsFingerprints": list("ab")]).contains("tlsFingerprints")
        )
        let pin = String(repeating: "ab", count: 32)
        #expect(
            message(["gateway": .string("ws://127.0.0.1:1"), "tlsFingerprints": list(pin)]).contains("needs a wss://"))
        #expect(message(["commands": list("camera.snapp")]).contains("did you mean camera.snap?"))
        #expect(message(["tokenFile": .string("/nonexistent")]).contains("No such file"))
        let teleport = ["teleport": ConfigurationValue(.bool(true), from: .option("--enable"))]
        #expect(message(["capabilities": .object(teleport)]).contains("capabilities.teleport: unknown key"))
    }

    @Test("plaintext goes to private addresses when an option, the environment or the file says so")
    func plaintext() throws {
        let url = ConfigurationValue.Content.string("ws://192.168.1.5:1")
        #expect(message(["gateway": url]).contains("--allow-plaintext-private"))
        let allowed = try configuration(["gateway": url, "allowPlaintextPrivate": .bool(true)])
        #expect(allowed.gateway?.description == "ws://192.168.1.5:1")
        let variables = ["OPENCLAW_ALLOW_INSECURE_PRIVATE_WS": "1"]
        #expect(try configuration(["gateway": url], variables: variables).gateway != nil)
    }

    @Test("proxies and further addresses are read, and what is wrong with them is told")
    func routes() throws {
        let read = try configuration(
            ["gateway": .string("wss://a"), "gatewayAlternatives": list("wss://b"), "proxy": .string("p:1")],
            variables: ["https_proxy": "http://other:2"])
        let joined = try #require(try JoinedGateway(read, record: nil))
        #expect(joined.ways.map(\.endpoint.description) == ["wss://a:443", "wss://b:443"])
        #expect(joined.ways.allSatisfy { $0.proxy?.description == "http://p:1" })
        #expect(message(["gatewayAlternatives": list("ftp://x")]).contains("gatewayAlternatives: ftp://x"))
        #expect(message(["proxy": .string("https://p")]).contains("proxy: a proxy's URL begins with http://"))
        let secret = message(["proxy": .string("http://bob:hunter2@p")])
        #expect(secret.contains("proxy: a password stands in the environment") && !secret.contains("hunter2"))
        #expect(
            message([:], variables: ["https_proxy": "https://bob:hunter2@p"]).contains("https_proxy: a proxy's URL"))
        #expect(message([:], variables: ["CF_ACCESS_CLIENT_ID": "x"]).contains("CF_ACCESS_CLIENT_SECRET"))
    }

    @Test("a joined gateway's addresses come in the record's order, with what its owner allowed")
    func recordedAddresses() throws {
        var record = GatewayRecord(url: "ws://192.168.1.5:1", urls: ["wss://b"])
        let configuration = try configuration(["gatewayAlternatives": list("wss://b", "wss://c")])
        #expect(throws: EndpointError.plaintext(host: "192.168.1.5")) {
            _ = try JoinedGateway(configuration, record: record)
        }
        record.allowPlaintextPrivate = true
        let joined = try #require(try JoinedGateway(configuration, record: record))
        #expect(joined.ways.map(\.endpoint.description) == ["ws://192.168.1.5:1", "wss://b:443", "wss://c:443"])
        #expect(joined.endpoint.description == "ws://192.168.1.5:1")
    }

    @Test("a gateway in pieces has the official node host's defaults") func pieces() throws {
        let pin = String(repeating: "ab", count: 32)
        let byPort = try configuration(["port": .integer(7)]).gateway
        #expect(byPort?.description == "ws://127.0.0.1:7")
        #expect(try configuration(["tls": .bool(true)]).gateway?.description == "wss://127.0.0.1:18789")
        let whole = try configuration([
            "host": .string("gw.local"), "port": .integer(7), "tls": .bool(true), "contextPath": .string("claw"),
        ])
        #expect(whole.gateway?.description == "wss://gw.local:7/claw")
        let pinned = try configuration(["host": .string("gw.local"), "tlsFingerprints": list(pin)])
        #expect(pinned.gateway?.description == "wss://gw.local:18789")
        #expect(
            message(["host": .string("127.0.0.1"), "tls": .bool(false), "tlsFingerprints": list(pin)])
                .contains("needs a wss://"))
        #expect(message(["host": .string("gw.local")]).contains("in the clear"))
    }

    @Test("a piece does not change a URL that was set elsewhere") func pieceOfURL() {
        let variables = ["OPENCLAW_GATEWAY_URL": "ws://127.0.0.1:1"]
        #expect(throws: ConfigurationError.self) { try configuration(["port": .integer(2)], variables: variables) }
        do throws(ConfigurationError) {
            _ = try configuration(["port": .integer(2)], variables: variables)
        } catch { #expect(error.description.contains("port: goes with \"host\"")) }
    }

    @Test("whoever needs no gateway is not stopped by a token that cannot be read") func secretsNotNeeded() throws {
        let surroundings = Surroundings(variables: ["HOME": "/nonexistent"], isRoot: false)
        let token = ConfigurationValue(.string("/nonexistent/token"), from: .file("/c.json"))
        let sources = try ConfigurationSources(file: nil, options: ["tokenFile": token], surroundings: surroundings)
        #expect(throws: ConfigurationError.self) { try Configuration(sources, surroundings) }
        #expect(try Configuration(sources, surroundings, needsSecrets: false).secret.token == nil)
    }

    @Test("a secret's file with nothing in it is no secret") func emptySecret() throws {
        let scratch = try ScratchFolder()
        let file = scratch.file("token")
        try StateFile.write(file, Array(" \n".utf8), durable: false)
        #expect(message(["tokenFile": .string(file)]).hasSuffix("\(file) is empty"))
    }

    @Test("directories of root are the system's") func rootDirectories() throws {
        let plain = try configuration(variables: ["XDG_STATE_HOME": "/x", "XDG_RUNTIME_DIR": "/y"], isRoot: true)
        #expect(plain.stateDirectory == "/var/lib/clawnode")
        #expect(plain.runtimeDirectory == "/run/clawnode")
    }

    @Test("a user without a home says where the state is to be") func homeless() throws {
        let nowhere = Surroundings(variables: [:], isRoot: false)
        let unsaid = try ConfigurationSources(file: nil, options: [:], surroundings: nowhere)
        do throws(ConfigurationError) {
            _ = try Configuration(unsaid, nowhere)
            Issue.record("it has a place")
        } catch {
            #expect(error.description.contains("stateDir: there is no place for it: set HOME or"))
        }
        let state = ConfigurationValue(.string("/s"), from: .option("--state-dir"))
        let said = try ConfigurationSources(file: nil, options: ["stateDir": state], surroundings: nowhere)
        #expect(try Configuration(said, nowhere).runtimeDirectory == "/s/run")
    }

    @Test(
        "at most 64 invocations at once, and at least one",
        arguments: [(0, false), (1, true), (64, true), (65, false)])
    func invocationLimit(limit: Int64, isAllowed: Bool) {
        #expect((message(["maxConcurrentInvocations": .integer(limit)]) == "understood") == isAllowed)
    }
}
