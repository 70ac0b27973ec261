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
    static let synopsis = "[LINK|URL] [--token-file FILE] [OPTIONS]"
    static let example = "clawnode join https://gateway.example/j/CODE --enable camera"
    static let details = [
        "LINK is what the gateway's operator hands out: https://GATEWAY/j/CODE, oc-pair://CODE or the setup code alone. It is good "
            + "for one use and for ten minutes. Without LINK, or with `-`, it is asked for and not shown, or read from standard "
            + "input: whoever is on this machine can read what stands in a command line. With URL, wss://GATEWAY:18789, "
            + "`--token-file -` does the same for the gateway's token.",
        "The gateway is kept in the state directory, where a daemon that runs finds it at once. Then each thing that the "
            + "gateway's operator has to do is printed, until the daemon is connected. What was joined before is forgotten; of the same gateway, token and fingerprints stay when none are given.",
    ]
    static let options = [
        Option(
            "--token-file", .text, "FILE", key: "tokenFile", "the gateway's shared token is in FILE; `-` asks for it"),
        Option("--tls-fingerprint", .repeated, "HEX", key: "tlsFingerprints", "trust only this certificate (SHA-256)"),
        Option("--ca-file", .text, "FILE", key: "caFile", "trust these certificates too"),
        Option(
            flag: "--allow-plaintext-private", key: "allowPlaintextPrivate",
            "let ws:// go to private addresses too, where whoever is on the network reads along"),
        Option.dialect,
        Option(
            "--enable", .list, "LIST", choices: Family.all.map(\.name), "capabilities to switch on for good"),
        Option(flag: "--no-wait", "do not follow until it is approved"),
        Option(flag: "--foreground", "when no daemon runs, be one until it is approved"),
    ]
    static let positionals = 0...1

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        var arguments = arguments
        let isTokenTyped = arguments.text("--token-file") == "-"
        if isTokenTyped { arguments.drop("--token-file") }
        let configuration = try program.configuration(arguments, needsSecrets: true)
        let link = try link(arguments, configuration)
        let typedToken = isTokenTyped ? try Typed.secret("The gateway's token") : nil
        let authorities = try authorities(configuration.caFile)
        try check(link, arguments, configuration, isTokenGiven: typedToken != nil)
        // The configuration is root's, the state the daemon's.
        let isMoreEnabled = try enable(arguments, configuration, program)
        try Owner.become(of: configuration.stateDirectory, making: configuration.runtimeDirectory)
        // What root can read is of no use to a daemon that cannot.
        _ = try self.authorities(configuration.caFile)
        let old = try GatewayRecord.load(from: configuration.stateDirectory)

        var record = try await record(of: link, configuration, program)
        record.caFile = authorities
        let pins = arguments.list("--tls-fingerprint")
        if !pins.isEmpty { record.tlsFingerprints = pins }
        if let said = arguments.text(Option.dialect.name).flatMap(DialectSetting.init(rawValue:)) {
            record.dialect = said.fixed?.rawValue
        }
        if case .address(let endpoint) = link {
            // Whoever joins the same server again, to mend the scheme or to switch something on, has told us the token already, and
            // whom to believe. A URL that was not understood is nobody's.
            let known = old.flatMap { try? GatewayEndpoint($0.url, plaintext: .privateNetworks) }
            record.token = typedToken ?? configuration.secret.token
            if known?.isServer(of: endpoint) == true {
                if record.token == nil { record.token = old?.token }
                // Nor is trust lost by it that was once established.
                let isTrustTold = record.tlsFingerprints != nil || record.caFile != nil
                if endpoint.isTLS, !isTrustTold {
                    (record.tlsFingerprints, record.caFile) = (old?.tlsFingerprints, old?.caFile)
                }
            }
        }
        let endpoints = try ([record.url] + (record.urls ?? [])).map {
            try GatewayEndpoint($0, plaintext: .privateNetworks)
        }
        let before = try DaemonPresence(configuration)
        let outdated = outdated(before, record, old, arguments, configuration, isMoreEnabled)
        // A daemon that sees this time begins anew.
        record.joinedAtMs = outdated == nil ? old?.joinedAtMs : WallClock.milliseconds
        try record.save(in: configuration.stateDirectory)
        tell(of: record, endpoints, configuration)

        let progress = JoinProgress(joining: endpoints, of: configuration.owner, outdated: outdated)
        if arguments.has("--no-wait") {
            if let outdated, outdated.version != nodeVersion {
                Output.talk(JoinProgress.unaware(Supervisor(of: outdated.pid)))
            }
            return .success
        }
        if before != .absent { return try await follow(progress, endpoints[0], configuration, program) }
        if arguments.has("--foreground") { return try await serve(progress, endpoints[0], configuration, program) }
        let isSystems = program.surroundings.mayMeanSystems(insteadOf: configuration.stateDirectory)
        Output.talk(
            "No daemon is running. Start it: \(configuration.owner.start)"
                + (isSystems ? "; or was it for the system's, which runs? sudo clawnode join" : ""))
        return .success
    }

    // MARK: The link

    private static func link(_ arguments: Arguments, _ configuration: Configuration) throws(Failure) -> JoinLink {
        var text = arguments.positionals.first ?? "-"
        if text == "-" { text = try Typed.secret("The join link, setup code or URL") }
        do throws(JoinLinkError) {
            return try JoinLink(text, nowMs: WallClock.milliseconds, plaintext: configuration.plaintext)
        } catch { throw Failure(.badLink, error.description) }
    }

    /// What cannot go together. A link that is used up for nothing is lost.
    private static func check(
        _ link: JoinLink, _ arguments: Arguments, _ configuration: Configuration, isTokenGiven: Bool
    ) throws {
        let isTLS: Bool
        switch link {
        case .address(let endpoint): isTLS = endpoint.isTLS
        case .code(let code): isTLS = code.endpoints.allSatisfy(\.isTLS)
        // What it leads to may be another gateway than the one that hands it out.
        case .invitation: isTLS = true
        }
        if !configuration.pins.isEmpty && !isTLS { throw Failure(.usage, EndpointError.pinWithoutTLS.description) }
        if case .address = link { return }
        if isTokenGiven || arguments.has("--token-file") {
            throw Failure(.usage, "a join link brings its own secret; --token-file goes with a URL")
        }
        if arguments.has(Option.dialect.name) {
            throw Failure(.usage, "only OpenClaw gateways hand out join links; --dialect goes with a URL")
        }
    }

    private static func record(
        of link: JoinLink, _ configuration: Configuration, _ program: Program
    ) async throws -> GatewayRecord {
        switch link {
        case .address(let endpoint):
            var record = GatewayRecord(url: endpoint.url)
            if endpoint.reach == .privateNetworks { record.allowPlaintextPrivate = true }
            return record
        case .code(let code): return GatewayRecord(code)
        case .invitation(let invitation):
            try StateDirectory.prepare(configuration.stateDirectory)
            return GatewayRecord(try await Redemption(invitation, configuration, on: program.loop).setupCode())
        }
    }

    private static func tell(
        of record: GatewayRecord, _ endpoints: [GatewayEndpoint], _ configuration: Configuration
    ) {
        Output.talk("Joined \(endpoints[0]); it is kept in \(configuration.stateDirectory)/\(GatewayRecord.fileName).")
        if endpoints.count > 1 {
            Output.talk("  where that fails: " + endpoints.dropFirst().map(\.description).joined(separator: " "))
        }
        for pin in record.tlsFingerprints ?? [] { Output.talk("  trusts only the certificate \(pin)") }
        if record.bootstrapToken != nil {
            Output.talk("  with a token for one use, which goes once the gateway has let this node in")
        }
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

    /// Whether something was switched on that was not before.
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

    // MARK: The daemon

    /// What a running daemon told, where it has to begin anew; nil where it serves this gateway already, or begins with it.
    private static func outdated(
        _ before: DaemonPresence, _ record: GatewayRecord, _ old: GatewayRecord?, _ arguments: Arguments,
        _ configuration: Configuration, _ isMoreEnabled: Bool
    ) -> NodeStatus? {
        guard let status = before.status else { return nil }
        // An older one that has joined nothing yet sees this, but not what was switched on.
        if status.gateway == nil, status.version != nodeVersion { return isMoreEnabled ? status : nil }
        var same = record
        same.joinedAtMs = old?.joinedAtMs
        let isSeen = !same.isJoined(after: old) && status.state == .connected
        // Also what an earlier call has switched on; where the commands are listed, a capability may stay out of what is served.
        let isLacking =
            configuration.commands == nil
            && !arguments.list("--enable").allSatisfy { status.declared.caps.contains($0) }
        return isSeen && !isMoreEnabled && !isLacking ? nil : status
    }

    /// Prints what the daemon waits for, until it is connected to `endpoint` or never will be.
    private static func follow(
        _ start: JoinProgress, _ endpoint: GatewayEndpoint, _ configuration: Configuration, _ program: Program
    ) async throws -> ExitCode {
        var progress = start
        var line = Terminal(STDERR_FILENO, type: program.surroundings.variables["TERM"]).map { LiveLine(on: $0) }
        let feed = try DaemonFeed(configuration, on: program.loop)
        while true {
            let presence = try DaemonPresence(configuration)
            let step = progress.take(presence, at: program.loop.now)
            if !step.say.isEmpty || step.ending != nil { line?.clear() }
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
            line?.show(JoinProgress.standing(presence, now: WallClock.milliseconds))
            try await feed.pause()
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
