import LinuxIO

/// Everything that is or may go wrong here. Looks, and changes nothing.
package struct Doctor: Sendable {
    /// THE list of what is looked at, in the order in which equally bad things are told.
    private static let checks: [any Check] = [
        ConfigurationCheck(), ScopeCheck(), StateCheck(), DiskCheck(), ClockCheck(), GatewayCheck(), AuthoritiesCheck(),
        DaemonCheck(), ApprovalCheck(), AllowListCheck(), CapabilityCheck(), WorkerCheck(), EncoderCheck(),
        CameraAccessCheck(), CameraCheck(), MicrophoneCheck(), LocationCheck(), ScreenCheck(), UnitCheck(),
        PowerCheck(),
    ]

    /// All that a finding may be about.
    package static var topics: [String] { checks.flatMap { type(of: $0).topics } }

    /// No check is worth waiting for longer: each step of those that ask somebody else has a shorter limit.
    private let patience: Duration
    private let checks: [any Check]

    package init() {
        self.init(Self.checks)
    }

    init(_ checks: [any Check], patience: Duration = .seconds(20)) {
        self.checks = checks
        self.patience = patience
    }

    /// The worst first.
    package func examine(_ patient: Patient) async -> [Finding] {
        let found = await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (number, check) in checks.enumerated() {
                group.addTask { (number, await findings(of: check, in: patient)) }
            }
            var found: [(Int, [Finding])] = []
            for await next in group { found.append(next) }
            return found
        }
        let all = found.sorted { $0.0 < $1.0 }.flatMap(\.1).enumerated()
        return all.sorted { ($1.element.verdict, $0.offset) < ($0.element.verdict, $1.offset) }.map(\.element)
    }

    private func findings(of check: any Check, in patient: Patient) async -> [Finding] {
        let first = await withTaskGroup(of: [Finding]?.self) { group in
            group.addTask { await check.findings(in: patient) }
            group.addTask {
                // Cancelled when the check was first.
                try? await patient.loop.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return first
            ?? type(of: check).topics.map { topic in
                .warning(
                    topic, "this could not be found out within \(patience)",
                    remedy:
                        "\(patient.configuration.owner.clawnode) doctor, once the machine is less busy; if it stays so: dmesg"
                )
            }
    }
}
