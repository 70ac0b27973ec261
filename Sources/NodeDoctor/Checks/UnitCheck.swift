import Glibc
import LinuxIO

/// Whether systemd starts the node, watches it, and confines it as it was shipped.
struct UnitCheck: Check {
    static let topics = ["units.service", "units.confinement", "units.socket"]

    static let service = "clawnode.service"
    private static let socket = "clawnode-media.socket"
    /// Any instance tells of the template.
    private static let worker = "clawnode-media@doctor.service"

    private static let properties =
        [
            "LoadState", "ActiveState", "SubState", "UnitFileState", "NeedDaemonReload", "Result", "ExecMainStatus",
            "NRestarts",
            "User",
            "WatchdogUSec", "FragmentPath", "DropInPaths",
        ] + shipped.map(\.0)

    func findings(in patient: Patient) async -> [Finding] {
        func none(_ why: String) -> [Finding] { Self.topics.map { .skipped($0, why) } }
        guard let systemd = Systemd(patient, isUsers: !patient.surroundings.isRoot) else {
            return none("systemd does not run here")
        }
        guard let unit = await systemd.properties(Self.properties, of: Self.service) else {
            return none("systemd cannot be asked")
        }
        guard unit["LoadState"] != "masked" else {
            return [Self.masked("units.service", Self.service, systemd)]
                + Self.topics.dropFirst().map { .skipped($0, "\(Self.service) is masked") }
        }
        guard unit["LoadState"] == "loaded" else { return none("there is no \(Self.service)") }
        var findings = [Self.judge(service: unit, systemd)]
        let isSocket = patient.configuration.mediaSocket != nil
        if systemd.isUsers {
            findings.append(
                .skipped("units.confinement", "a user's service manager cannot confine as the machine's can"))
        } else {
            findings.append(Self.judge(confinement: unit, of: Self.service, Self.shipped))
            let instance = isSocket ? await systemd.properties(Self.workersProperties, of: Self.worker) : nil
            if let instance, instance["LoadState"] == "loaded" {
                findings.append(Self.judge(confinement: instance, of: Self.worker, Self.workers))
            }
        }
        guard isSocket else {
            return findings + [.skipped("units.socket", "workers are the daemon's children")]
        }
        guard let socket = await systemd.properties(["LoadState", "ActiveState"], of: Self.socket) else {
            return findings + [.skipped("units.socket", "systemd cannot be asked")]
        }
        if await systemd.properties(["LoadState"], of: Self.worker)?["LoadState"] == "masked" {
            return findings + [Self.masked("units.socket", "clawnode-media@.service", systemd)]
        }
        return findings + [Self.judge(socket: socket, systemd)]
    }

    /// A unit that its owner has forbidden systemd to start, and what allows it again and starts it.
    private static func masked(_ topic: String, _ unit: String, _ systemd: Systemd) -> Finding {
        // An instance of a template is started by who connects; and the first who did, while it was masked, ended the socket.
        let start = unit.contains("@") ? systemd.line("restart", socket) : systemd.line("enable --now", unit)
        return .error(
            topic, "\(unit) is masked: systemd may not start it",
            remedy: systemd.line("unmask", unit) + " && " + start)
    }

    static func judge(service unit: [String: String], _ systemd: Systemd) -> Finding {
        let topic = "units.service"
        if unit["NeedDaemonReload"] == "yes" {
            return .warning(
                topic, "\(service) was changed, and systemd has not read it again",
                remedy: systemd.isUsers ? "systemctl --user daemon-reload" : "sudo systemctl daemon-reload")
        }
        switch unit["ActiveState"] {
        case "failed":
            return .error(
                topic, "\(service) has failed: \(unit["Result"] ?? "?"), status \(unit["ExecMainStatus"] ?? "?")",
                remedy: systemd.owner.journal("\(service) -n 20") + ", then: "
                    + systemd.line("restart", service))
        // Waiting to be started again, or what comes before that, ExecStopPost=, which fails as the start did.
        case "activating" where unit["SubState"]?.hasPrefix("auto-restart") == true,
            "deactivating" where unit["Result"].map { $0 != "success" } == true:
            return unstartable(unit, systemd)
        // It is shipped for every user, and wanted by those who enable it.
        case "inactive" where systemd.isUsers && unit["UnitFileState"] == "disabled":
            return .note(topic, "\(service) is off for this user", remedy: systemd.line("enable --now", service))
        case "inactive": return .warning(topic, "\(service) is stopped", remedy: systemd.line("start", service))
        default: break
        }
        if unit["UnitFileState"] == "disabled" {
            return .warning(
                topic, "\(service) does not start with the machine", remedy: systemd.line("enable", service))
        }
        if let restarts = unit["NRestarts"].flatMap({ Int($0) }), restarts > 0 {
            return .note(
                topic, "systemd has restarted \(service) \(restarts) times",
                remedy: systemd.owner.journal("\(service) -p warning"))
        }
        return .ok(topic, "\(service) is \(unit["ActiveState"] ?? "unknown")")
    }

    /// One that ends as soon as it is started, and is started again a little later.
    private static func unstartable(_ unit: [String: String], _ systemd: Systemd) -> Finding {
        let status = unit["ExecMainStatus"] ?? "?"
        // systemd.exec(5): 226 is EXIT_NAMESPACE. The devices of PrivateDevices= are put together in a directory that systemd makes
        // below the machine's /tmp (Debian 12) or below /run (Debian 13); a directory needs a block of the disk.
        let isSandbox = status == "226"
        return .error(
            "units.service",
            "\(service) does not stay up: \(unit["Result"] ?? "?"), status \(status)"
                + (isSandbox ? "; systemd cannot make its sandbox, usually because /tmp is full" : "")
                + "; it is tried again",
            remedy: isSandbox
                ? DiskCheck.room(on: "/tmp")
                : systemd.owner.journal("\(service) -n 20"))
    }

    /// What the shipped unit has, in systemd's words (systemd.exec(5)).
    private static let shipped = [
        ("NoNewPrivileges", "yes"), ("PrivateDevices", "yes"), ("PrivateTmp", "yes"), ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"), ("ProtectKernelModules", "yes"), ("ProtectKernelTunables", "yes"),
        ("ProtectControlGroups", "yes"), ("RestrictNamespaces", "yes"), ("RestrictSUIDSGID", "yes"),
        ("MemoryDenyWriteExecute", "yes"), ("LockPersonality", "yes"), ("CapabilityBoundingSet", ""),
        // With these, who asks at a socket and how the machine is could not be seen.
        ("PrivateUsers", "no"), ("ProcSubset", "all"),
    ]

    /// The media worker's, as far as it is more than the daemon's.
    private static let workers = [
        ("NoNewPrivileges", "yes"), ("PrivateNetwork", "yes"), ("DevicePolicy", "closed"), ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"), ("RestrictNamespaces", "yes"), ("MemoryDenyWriteExecute", "yes"),
        ("RestrictAddressFamilies", "AF_UNIX"), ("CapabilityBoundingSet", ""),
    ]

    private static let workersProperties =
        ["LoadState", "User", "FragmentPath", "DropInPaths"] + workers.map(\.0)

    static func judge(
        confinement unit: [String: String], of name: String, _ shipped: [(String, String)]
    ) -> Finding {
        let topic = "units.confinement"
        // A release of systemd that does not know one does not tell of it.
        var differences = shipped.compactMap { name, expected in
            unit[name].flatMap { $0 == expected ? nil : "\(name)=\($0)" }
        }
        if unit["User"] == "" || unit["User"] == "root" { differences.append("User=root") }
        if ["0", "infinity"].contains(unit["WatchdogUSec"]) { differences.append("WatchdogSec=0") }
        guard !differences.isEmpty else { return .ok(topic, "\(name) is confined as it was shipped") }
        let own = (unit["DropInPaths"] ?? "").split(separator: " ")
            .filter { $0.hasPrefix("/etc/") || $0.hasPrefix("/run/") }
        let by = own.isEmpty ? unit["FragmentPath"] ?? "?" : own.joined(separator: " ")
        let template = name == worker ? "clawnode-media@.service" : name
        return .warning(
            topic, "\(by) changes how \(template) is confined: \(differences.joined(separator: " "))",
            remedy: "sudo systemctl revert \(template) && sudo systemctl restart \(service)")
    }

    static func judge(socket unit: [String: String], _ systemd: Systemd) -> Finding {
        if unit["LoadState"] == "loaded", unit["ActiveState"] == "active" {
            return .ok("units.socket", "\(socket) listens")
        }
        if unit["LoadState"] == "masked" { return masked("units.socket", socket, systemd) }
        return .error("units.socket", "\(socket) does not listen", remedy: systemd.line("enable --now", socket))
    }
}
