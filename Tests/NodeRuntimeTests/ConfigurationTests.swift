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
            variables: ["XDG_CONFIG_HOME": "/nonexistent"].merging(variables) { $1 }, isRoot: isRoot)
        let sources = try ConfigurationSources(
            file: nil, options: options.mapValues { ConfigurationValue($0, from: .option("--x")) },
            surroundings: surroundings)
        return try Configuration(sources, surroundings)
    }

    func list(_ texts: String...) -> ConfigurationValue.Content {
        .array(texts.map { ConfigurationValue(.string($0), from: .option("--x")) })
    }

    func message(_ options: [String: ConfigurationValue.Content]) -> String {
        do throws(ConfigurationError) {
            _ = try configuration(options)
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
        #expect(plain.workerArguments.isEmpty)
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

    @Test("a second daemon cannot claim a state directory, and the first one's end frees it") func claimed() throws {
        let scratch = try ScratchFolder()
        do {
            let first = try StateDirectory(claiming: scratch.path)
            #expect(throws: AgentError.alreadyRunning(scratch.path)) { try StateDirectory(claiming: scratch.path) }
            #expect(try StateDirectory.isClaimed(first.path))
        }
        #expect(try !StateDirectory.isClaimed(scratch.path))
    }
}
