import Gateway
import NodeCore
import NodeRuntime

/// `clawnode run`: the daemon.
enum Run: Subcommand {
    static let name = "run"
    static let summary = "connect to the gateway and serve until stopped"
    static let synopsis = "[OPTIONS]"
    static let example = "clawnode run --gateway wss://gateway.local:18789 --token-file token.txt --enable camera"
    static let details = [
        "Without a gateway it waits for `clawnode join`. Nothing that a gateway or a network does ends it: it keeps trying, "
            + "at worst every five minutes, and `clawnode status` tells what it waits for. SIGTERM lets what is under way "
            + "finish, for at most ten seconds.",
        "Each option is also a key of clawnode.json(5); an option beats the environment, which beats the file.",
    ]
    static let options = [
        Option("--gateway", .text, "URL", key: "gateway", "ws:// or wss://; beats the joined gateway"),
        Option("--host", .text, "H", key: "host", "the gateway's host, instead of its URL"),
        Option("--port", .integer, "P", key: "port", "the gateway's port, 18789 when not said"),
        Option(flag: "--tls", key: "tls", "speak to it over TLS"),
        Option("--context-path", .text, "PATH", key: "contextPath", "the path of the gateway's URL"),
        Option("--node-id", .text, "ID", key: "nodeId", "the instance id that gateways show"),
        Option("--token-file", .text, "FILE", key: "tokenFile", "the gateway's shared token is in FILE"),
        Option("--password-file", .text, "FILE", key: "passwordFile", "the gateway's password is in FILE"),
        Option(
            "--tls-fingerprint", .repeated, "HEX", key: "tlsFingerprints",
            "trust only this certificate (SHA-256), or sha256//BASE64 of its key; repeatable"),
        Option(
            flag: "--allow-plaintext-private", key: "allowPlaintextPrivate", "let ws:// go to private addresses too"),
        Option("--ca-file", .text, "FILE", key: "caFile", "trust these certificates too"),
        Option.dialect,
        Option(
            "--goclaw-node-key-file", .text, "FILE", key: "goclawNodeKeyFile",
            "this node's key at a GoClaw gateway with compute nodes is in FILE"),
        Option("--display-name", .text, "NAME", key: "displayName", "the name operators see"),
        Option(
            "--commands", .list, "LIST", key: "commands", choices: Family.all.flatMap { $0.commands.map(\.text) },
            "offer only these commands"),
        Option.enable,
        Option.logLevel,
        Option(
            "--log-format", .text, "FORMAT", key: "logFormat", choices: Log.Format.allCases.map(\.rawValue),
            "how it is told; a service of systemd's logs into the journal by itself"),
    ]

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments, needsSecrets: true)
        try Owner.become(of: configuration.stateDirectory, making: configuration.runtimeDirectory)
        let log = Log(level: configuration.logLevel, format: configuration.logFormat)
        let reread: @Sendable () throws -> Configuration = {
            try program.configuration(arguments, needsSecrets: true)
        }
        try await Agent(configuration, program.surroundings, loop: program.loop, log: log, reread: reread).run()
        return .success
    }
}
