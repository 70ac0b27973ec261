import LinuxIO
import NodeCore
import NodeRuntime
import Worker

/// Whether the workers that the daemon would ask can be started, and are of this version.
struct WorkerCheck: Check {
    static let topics = ["workers"]

    /// On a board that swaps, a program takes a while to start.
    private static let patience = Duration.seconds(10)

    func findings(in patient: Patient) async -> [Finding] {
        let programs = Set(patient.enabledFamilies.compactMap(\.worker)).sorted()
        guard !programs.isEmpty else {
            return [
                .skipped("workers", patient.complaint == nil ? "nothing that is on needs one" : Patient.notUnderstood)
            ]
        }
        var findings: [Finding] = []
        for program in programs { findings.append(await Self.finding(program, patient)) }
        return findings
    }

    private static func finding(_ program: String, _ patient: Patient) async -> Finding {
        let source = WorkerSource(of: program, patient.configuration, patient.surroundings)
        if let why = patient.whyNotAsked(source) { return .skipped("workers", why) }
        do throws(Refusal) {
            let version = try await source.probe(on: patient.loop, within: patience)
            guard version == nodeVersion else {
                return .warning(
                    "workers", "\(program) is version \(version), this program is \(nodeVersion)",
                    remedy: "sudo apt install --only-upgrade clawnode clawnode-media")
            }
            return .ok("workers", "\(program) answers, version \(version)")
        } catch {
            return Finding("workers", .error, told: error.message, otherwise: patient.workersCloserLook)
        }
    }
}

extension Patient {
    /// None while the configuration is not understood.
    var enabledFamilies: [Family] {
        complaint == nil ? Family.all.filter { configuration.enabled.contains($0.name) } : []
    }

    /// What tells more of workers that fail.
    var workersCloserLook: String {
        configuration.mediaSocket == nil
            ? "\(configuration.owner.clawnode) invoke camera.list --enable camera --log-level debug"
            : configuration.owner.journal("'clawnode-media@*' -n 20")
    }

    /// A worker that systemd starts takes connections of the daemon's user only.
    func whyNotAsked(_ source: WorkerSource) -> String? {
        // A socket that cannot be looked at may still answer: it is asked.
        guard case .socket(let path, _) = source, !isOurs, (try? User.own.may(.write, path)) == false else {
            return nil
        }
        return "\(path) is not open to \(User.own.name); be root to look: sudo clawnode doctor"
    }
}
