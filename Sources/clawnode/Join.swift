import Gateway
import LinuxIO
import NodeCore
import NodeCrypto
import NodeRuntime

/// `clawnode join`: remember a gateway, then watch until it has let this node in.
enum Join: Subcommand {
    static let name = "join"
    static let summary = "remember a gateway and follow until everything is approved"
    static let synopsis = "URL [--token-file FILE] [OPTIONS]"
    static let example = "clawnode join wss://gateway.local:18789 --token-file token.txt"
    static let options = [
        Option("--token-file", .text, "FILE", key: "tokenFile", "the gateway's shared token is in FILE"),
        Option("--tls-fingerprint", .repeated, "HEX", key: "tlsFingerprints", "trust only this certificate (SHA-256)"),
        Option("--ca-file", .text, "FILE", key: "caFile", "trust these certificates too"),
        Option(flag: "--no-wait", "do not follow until it is approved"),
    ]
    static let positionals = 1...1

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        let endpoint: GatewayEndpoint
        do throws(EndpointError) { endpoint = try GatewayEndpoint(arguments.positionals[0]) } catch {
            throw Failure(.badLink, "\(error)")
        }
        if !configuration.pins.isEmpty && !endpoint.isTLS {
            throw Failure(.usage, EndpointError.pinWithoutTLS.description)
        }
        try Owner.become(of: configuration.stateDirectory)
        let pins = arguments.list("--tls-fingerprint")
        let record = GatewayRecord(
            url: endpoint.description, tlsFingerprints: pins.isEmpty ? nil : pins, caFile: configuration.caFile,
            token: configuration.secret.token)
        try record.save(in: configuration.stateDirectory)
        Output.talk("Joined \(endpoint); it is kept in \(configuration.stateDirectory)/\(GatewayRecord.fileName).")
        if arguments.has("--no-wait") { return .success }
        return try await follow(configuration, endpoint, program)
    }

    /// Prints what the daemon waits for, each thing once, until it is connected to `endpoint`.
    private static func follow(
        _ configuration: Configuration, _ endpoint: GatewayEndpoint, _ program: Program
    ) async throws -> ExitCode {
        guard try StateDirectory.isClaimed(configuration.stateDirectory) else {
            Output.talk("No daemon is running. Start it: clawnode run, or: systemctl start clawnode")
            return .success
        }
        let watch = try DirectoryWatch(configuration.runtimeDirectory, on: program.loop)
        var told: Set<String> = []
        while true {
            if let status = try NodeStatus.ofRunningDaemon(configuration) {
                if status.gateway?.url != nil, status.gateway?.url != endpoint.description,
                    told.insert("other").inserted
                {
                    Output.talk(
                        "The daemon still serves \(status.gateway?.url ?? ""). Restart it: systemctl restart clawnode")
                }
                for condition in status.conditions where told.insert(condition.summary).inserted {
                    Output.talk(condition.summary)
                    if let remedy = condition.remedy { Output.talk("  do: \(remedy)") }
                }
                if status.state == .connected && status.gateway?.url == endpoint.description {
                    Output.answer("connected to \(endpoint)")
                    return .success
                }
            }
            try await watch.next()
        }
    }
}
