import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeRuntime

/// `clawnode join`: remember a gateway, then watch until it has let this node in.
enum Join: Subcommand {
    static let name = "join"
    static let summary = "remember a gateway and follow until everything is approved"
    static let synopsis = "URL [--token-file FILE] [OPTIONS]"
    static let example = "clawnode join wss://gateway.local:18789 --token-file token.txt --enable camera"
    static let details = [
        "The gateway is kept in the state directory, where a daemon that runs finds it at once. Then each thing that the "
            + "gateway's operator has to do is printed, until the daemon is connected. What was joined before is forgotten."
    ]
    static let options = [
        Option("--token-file", .text, "FILE", key: "tokenFile", "the gateway's shared token is in FILE"),
        Option("--tls-fingerprint", .repeated, "HEX", key: "tlsFingerprints", "trust only this certificate (SHA-256)"),
        Option("--ca-file", .text, "FILE", key: "caFile", "trust these certificates too"),
        Option(
            flag: "--allow-plaintext-private", key: "allowPlaintextPrivate",
            "let ws:// go to private addresses too, where whoever is on the network reads along"),
        Option(
            "--enable", .list, "LIST", choices: Family.all.map(\.name), "capabilities to switch on for good"),
        Option(flag: "--no-wait", "do not follow until it is approved"),
        Option(flag: "--foreground", "when no daemon runs, be one until it is approved"),
    ]
    static let positionals = 1...1

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments, needsSecrets: true)
        let endpoint: GatewayEndpoint
        do throws(EndpointError) {
            endpoint = try GatewayEndpoint(arguments.positionals[0], plaintext: configuration.plaintext)
        } catch {
            throw Failure(.badLink, "\(error)")
        }
        if !configuration.pins.isEmpty && !endpoint.isTLS {
            throw Failure(.usage, EndpointError.pinWithoutTLS.description)
        }
        let pins = arguments.list("--tls-fingerprint")
        var record = GatewayRecord(
            url: endpoint.description, tlsFingerprints: pins.isEmpty ? nil : pins,
            caFile: try authorities(configuration.caFile), token: configuration.secret.token)
        if endpoint.reach == .privateNetworks { record.allowPlaintextPrivate = true }
        // The configuration is root's, the state the daemon's.
        let isMoreEnabled = try enable(arguments, configuration, program)
        try Owner.become(of: configuration.stateDirectory, making: configuration.runtimeDirectory)
        // What root can read is of no use to a daemon that cannot.
        _ = try authorities(configuration.caFile)
        let old = try GatewayRecord.load(from: configuration.stateDirectory)
        // Whoever adds a pin or mends the scheme has told us the token already. A URL that was not understood is nobody's.
        if record.token == nil, let known = old.flatMap({ try? GatewayEndpoint($0.url) }), known.isServer(of: endpoint)
        {
            record.token = old?.token
        }
        let before = try DaemonPresence(configuration)
        try record.save(in: configuration.stateDirectory)
        Output.talk("Joined \(endpoint); it is kept in \(configuration.stateDirectory)/\(GatewayRecord.fileName).")

        let isSame =
            old?.url == record.url && old?.tlsFingerprints == record.tlsFingerprints && old?.caFile == record.caFile
        let status = before.status
        let isSeen = status?.gateway == nil || (isSame && status?.state == .connected)
        // Also what an earlier call has switched on; where the commands are listed, a capability may stay out of what is served.
        let isLacking =
            status?.gateway != nil && configuration.commands == nil
            && !arguments.list("--enable").allSatisfy { status?.declared.caps.contains($0) ?? true }
        let outdated = isSeen && !isMoreEnabled && !isLacking ? nil : status
        let progress = JoinProgress(joining: endpoint, outdated: outdated)
        if arguments.has("--no-wait") {
            if let outdated { Output.talk(JoinProgress.unaware(Supervisor(of: outdated.pid))) }
            return .success
        }
        if before != .absent { return try await follow(progress, endpoint, configuration, program) }
        if arguments.has("--foreground") { return try await serve(progress, endpoint, configuration, program) }
        Output.talk("No daemon is running. Start it: \(program.surroundings.start)")
        return .success
    }

    /// The file's whole path, for a daemon that runs elsewhere; it is tried here, where somebody looks.
    private static func authorities(_ path: String?) throws -> String? {
        guard let path else { return nil }
        do throws(TLSError) { _ = try TLSClientContext(trust: .systemAnd(caFile: path)) } catch {
            throw Failure(.usage, "\(error)")
        }
        guard let whole = realpath(path, nil) else { throw Failure(.usage, "\(path): \(Errno.current)") }
        defer { free(whole) }
        return String(cString: whole)
    }

    /// Whether a daemon that runs has to be told: it reads its configuration once.
    private static func enable(
        _ arguments: Arguments, _ configuration: Configuration, _ program: Program
    ) throws -> Bool {
        let names = arguments.list("--enable")
        func written() throws -> Set<String> {
            let sources = try ConfigurationSources(
                file: arguments.text("--config"), options: [:], surroundings: program.surroundings)
            return try Configuration(sources, program.surroundings, needsSecrets: false).enabled
        }
        let missing = Set(names).subtracting(try written())
        for family in Family.all where missing.contains(family.name) { try family.switchOn(file: configuration.file) }
        if let name = missing.subtracting(try written()).min() {
            throw Failure(.badConfiguration, "\(name) stays off: a file beside \(configuration.file) says so")
        }
        return !missing.isEmpty
    }

    /// Prints what the daemon waits for, until it is connected to `endpoint` or never will be.
    private static func follow(
        _ start: JoinProgress, _ endpoint: GatewayEndpoint, _ configuration: Configuration, _ program: Program
    ) async throws -> ExitCode {
        var progress = start
        var feed = try DaemonFeed(configuration, on: program.loop)
        while true {
            let step = progress.take(try await feed.next())
            for text in step.say { Output.talk(text) }
            switch step.ending {
            case .connected?:
                Output.answer("connected to \(endpoint)")
                return .success
            case .badCode?: return .badLink
            case .unsuitable?: return .unsuitableGateway
            case .refused?: return .refusedByGateway
            case nil: break
            }
        }
    }

    /// A daemon of our own, for as long as there is something to wait for.
    private static func serve(
        _ progress: JoinProgress, _ endpoint: GatewayEndpoint, _ configuration: Configuration, _ program: Program
    ) async throws -> ExitCode {
        // What it waits for is said by us.
        let log = Log(level: .error, format: .text)
        return try await withThrowingTaskGroup(of: ExitCode.self) { group in
            group.addTask {
                try await Agent(configuration, program.surroundings, loop: program.loop, log: log).run()
                return .success
            }
            group.addTask { try await follow(progress, endpoint, configuration, program) }
            let first = try await group.next() ?? .success
            group.cancelAll()
            return first
        }
    }
}
