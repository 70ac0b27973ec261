import NodeCore
import NodeRuntime

/// `clawnode run`: the daemon.
enum Run: Subcommand {
    static let name = "run"
    static let summary = "connect to the gateway and serve until stopped"
    static let synopsis = "[OPTIONS]"
    static let example = "clawnode run --gateway wss://gateway.local:18789 --token-file token.txt --enable camera"
    static let options = [
        Option("--gateway", .text, "URL", key: "gateway", "ws:// or wss://; beats the joined gateway"),
        Option("--host", .text, "H", key: "host", "the gateway in pieces: its host"),
        Option("--port", .integer, "P", key: "port", "… its port, 18789 when not said"),
        Option(flag: "--tls", key: "tls", "… over TLS"),
        Option("--context-path", .text, "PATH", key: "contextPath", "… below this path"),
        Option("--node-id", .text, "ID", key: "nodeId", "the instance id that gateways show"),
        Option("--token-file", .text, "FILE", key: "tokenFile", "the gateway's shared token is in FILE"),
        Option("--password-file", .text, "FILE", key: "passwordFile", "the gateway's password is in FILE"),
        Option(
            "--tls-fingerprint", .repeated, "HEX", key: "tlsFingerprints",
            "trust only this certificate (SHA-256), or sha256//BASE64 of its key; repeatable"),
        Option("--ca-file", .text, "FILE", key: "caFile", "trust these certificates too"),
        Option("--display-name", .text, "NAME", key: "displayName", "the name operators see"),
        Option("--commands", .list, "LIST", key: "commands", "offer only these commands"),
        Option.enable,
        Option("--log-level", .text, "LEVEL", key: "logLevel", "error, warning, info or debug"),
        Option(
            "--log-format", .text, "FORMAT", key: "logFormat",
            "text, json or journal; a service of systemd's logs into the journal by itself"),
    ]

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments, needsSecrets: true)
        try Owner.become(of: configuration.stateDirectory, making: configuration.runtimeDirectory)
        let log = Log(level: configuration.logLevel, format: configuration.logFormat)
        try await Agent(configuration, program.surroundings, loop: program.loop, log: log).run()
        return .success
    }
}
