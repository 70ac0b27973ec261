import Gateway
import Glibc
import LinuxIO
import NodeCore
import NodeCrypto
import NodeRuntime
import WebSocket

/// The way to the gateway, step by step, up to where the daemon alone may go on.
struct GatewayCheck: Check {
    static let topics =
        ["gateway"] + GatewayProbe.Step.allCases.map { "gateway.\($0.rawValue)" } + ["gateway.clock"]

    /// Gateways refuse signatures of more than two minutes' difference; we sign with their time, others may not.
    private static let tolerance = Duration.seconds(60)

    private let patience: Duration

    /// What takes longer than that for a step does not serve a node well either.
    init(patience: Duration = .seconds(5)) {
        self.patience = patience
    }

    func findings(in patient: Patient) async -> [Finding] {
        let target: GatewayTarget?
        do { target = try GatewayTarget(of: patient) } catch {
            // Told of by other checks.
            return [.skipped("gateway", "the gateway is unknown: \(error)")] + Self.untried
        }
        guard let target else {
            // It may be named in what is not understood.
            let isKnown = patient.complaint == nil
            // Where the machine's own node runs, its users need none.
            let systems = patient.root + NodeOwner.machineRuntime + "/" + NodeStatus.fileName
            let isNeeded = patient.surroundings.isRoot || access(systems, F_OK) != 0
            let verdict: Finding.Verdict = isNeeded ? .warning : .note
            return [
                isKnown
                    ? Finding("gateway", .notJoined(patient.configuration.owner), as: verdict)
                    : .skipped("gateway", Patient.notUnderstood)
            ]
                + Self.untried
        }
        let report = await probe(target.way, target, patient)
        let other = report.failure == nil ? nil : await reachable(of: target, patient)
        var findings = [about(target, report, instead: other, patient)]
        for step in GatewayProbe.Step.allCases {
            let finding = Self.finding(step, report.outcomes[step], target, as: other == nil ? .error : .warning)
            findings.append(
                step == .tls
                    ? Self.judge(finding, patient.configuration.owner, daysLeft: report.certificateDaysLeft) : finding)
        }
        findings.append(Self.judge(report.clockDifference))
        return findings
    }

    /// Where nobody knows what it speaks, and it does not greet us, its health may tell.
    private func probe(_ way: GatewayWay, _ target: GatewayTarget, _ patient: Patient) async -> GatewayProbe.Report {
        let dialer = GatewayDialer([way], trust: target.trust, loop: patient.loop)
        let dialect = target.dialect(in: patient)
        let report = await probe(dialer, way, target, dialect, patient)
        guard dialect == nil, report.isUngreeted else { return report }
        let shown = await Dialect(of: way.endpoint, within: patience) { request, limit throws(WebSocketError) in
            try await dialer.ask(request, within: limit)
        }
        guard shown == .goclaw else { return report }
        return await probe(dialer, way, target, .goclaw, patient)
    }

    private func probe(
        _ dialer: GatewayDialer, _ way: GatewayWay, _ target: GatewayTarget, _ dialect: Dialect?, _ patient: Patient
    ) async -> GatewayProbe.Report {
        // What cannot be read is told of by another check; it only helps to explain.
        let tokens = try? TokenStore(directory: patient.configuration.stateDirectory)
        let known = tokens?.certificate(of: target.endpoint)
        return await GatewayProbe(
            way.endpoint, through: way.proxy, knownCertificate: known,
            pinsAreConfigured: !patient.configuration.pins.isEmpty, owner: patient.configuration.owner,
            isGoClaw: dialect == .goclaw, patience: patience,
            on: patient.loop
        ) { limit, progress throws(WebSocketError) in
            try await dialer.dial(as: dialect, within: limit, progress: progress)
        }.run()
    }

    /// The first of the further addresses that leads to the gateway.
    private func reachable(of target: GatewayTarget, _ patient: Patient) async -> GatewayEndpoint? {
        for way in target.others where await probe(way, target, patient).failure == nil { return way.endpoint }
        return nil
    }

    static let nothingToAsk = "there is no gateway to ask"
    private static let untried = topics.dropFirst().map { Finding.skipped($0, nothingToAsk) }

    /// The daemon may know of a fault that does not show from here.
    private func about(
        _ target: GatewayTarget, _ report: GatewayProbe.Report, instead other: GatewayEndpoint?, _ patient: Patient
    ) -> Finding {
        if let other {
            return .note("gateway", "it is \(target.endpoint), which fails below; \(other) leads to it, and is used")
        }
        if report.failure == nil, let status = patient.status, status.state == .waiting,
            let condition = status.conditions.first(where: { ApprovalCheck.waysOnly.contains($0.id) })
        {
            return Finding("gateway", condition)
        }
        let others =
            target.others.isEmpty ? "" : ", or else \(target.others.map { "\($0.endpoint)" }.joined(separator: ", "))"
        return .ok(
            "gateway", "it is \(target.endpoint)\(others)" + (target.isDaemons ? ", as the daemon was told" : ""))
    }

    static func finding(
        _ step: GatewayProbe.Step, _ outcome: GatewayProbe.Outcome?, _ target: GatewayTarget,
        as verdict: Finding.Verdict = .error
    ) -> Finding {
        let topic = "gateway.\(step.rawValue)"
        switch outcome {
        case .passed(let words)?: return .ok(topic, words)
        case .failed(let condition)? where target.isDaemons && condition.id == "certificate":
            return .skipped(topic, "whom the daemon believes was said in its options, which are not known here")
        // The daemon tries again, and calls it a warning; here it is what keeps the node from working.
        case .failed(let condition)?: return Finding(topic, condition, as: verdict)
        case .untried?, nil: return .skipped(topic, "not tried: a step before it failed")
        }
    }

    /// A certificate is trusted until it ends, and then from one moment to the next not any more.
    static func judge(_ tls: Finding, _ owner: NodeOwner, daysLeft: Int?) -> Finding {
        guard tls.verdict == .ok, let daysLeft, daysLeft < 14 else { return tls }
        return .warning(
            tls.check, "the gateway's certificate is trusted, but ends in \(daysLeft) days",
            remedy: "renew it on the gateway's machine, then look again: \(owner.clawnode) doctor")
    }

    static func judge(_ difference: Duration?) -> Finding {
        guard let difference else { return .skipped("gateway.clock", "the gateway has not told its time") }
        let seconds = abs(difference / .seconds(1)).rounded()
        if abs(difference / .seconds(1)) <= tolerance / .seconds(1) {
            return .ok("gateway.clock", "the gateway's clock and ours differ by \(Int(seconds)) s")
        }
        return .warning(
            "gateway.clock",
            "the gateway's clock is \(Int(seconds)) s \(difference > .zero ? "before" : "behind") ours; one is wrong",
            remedy: "sudo timedatectl set-ntp true")
    }
}

/// Which gateway it is about, and whom to believe there.
struct GatewayTarget: Sendable {
    let way: GatewayWay
    let trust: TLSTrust
    /// Whether only the daemon's options name it.
    let isDaemons: Bool
    /// The gateway's further addresses, which the daemon tries when this one does not answer.
    var others: [GatewayWay] = []
    private let setting: DialectSetting

    var endpoint: GatewayEndpoint { way.endpoint }

    init(way: GatewayWay, trust: TLSTrust, isDaemons: Bool, dialect: DialectSetting = .auto) {
        self.way = way
        setting = dialect
        self.trust = trust
        self.isDaemons = isDaemons
    }

    /// What it speaks, as the owner says or as it showed when it was last connected to; nil when nobody knows.
    func dialect(in patient: Patient) -> Dialect? {
        if let said = setting.fixed { return said }
        if let gateway = patient.status?.gateway, gateway.url == endpoint.description,
            let shown = gateway.dialect.flatMap(Dialect.init(rawValue:))
        {
            return shown
        }
        // What cannot be read is told of by another check.
        let state = patient.configuration.stateDirectory
        guard let tokens = try? TokenStore(directory: state), let identity = try? DeviceIdentity.stored(in: state)
        else { return nil }
        let memory = tokens.memory(of: endpoint, deviceID: identity.deviceID)
        return memory.dialect ?? memory.goclaw.map { _ in .goclaw }
    }

    /// What the running daemon uses, else what the next would; nil when no gateway is joined.
    init?(of patient: Patient) throws {
        let own = try JoinedGateway(
            patient.configuration,
            record: try GatewayRecord.load(from: patient.configuration.stateDirectory))
        setting = own?.dialect ?? .auto
        if let url = patient.status?.gateway?.url, url != own?.endpoint.description {
            // A query is not told.
            let endpoint = try GatewayEndpoint(String(url.prefix { $0 != "?" }), plaintext: .privateNetworks)
            way = GatewayWay(to: endpoint, patient.configuration)
            trust = own?.trust ?? .system
            isDaemons = true
        } else if let own {
            way = own.ways[0]
            trust = own.trust
            isDaemons = false
            others = Array(own.ways.dropFirst())
        } else {
            return nil
        }
    }
}
