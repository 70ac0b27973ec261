import Gateway
import Glibc
import LinuxIO
import NodeConfiguration
import NodeCore
import NodeRuntime

/// Whether the daemon runs, is this version with this configuration, and what it has to complain of.
struct DaemonCheck: FileCheck {
    static let topics = ["daemon", "daemon.version", "daemon.conditions"]

    func look(at patient: Patient) -> [Finding] {
        let place = patient.configuration.stateDirectory
        switch patient.daemon {
        case .failure where !patient.isOurs:
            return without(
                .warning(
                    "daemon", "\(place) is \(patient.user.name)'s alone, and so is whether a daemon runs",
                    remedy: "sudo clawnode doctor"))
        case .failure(let error):
            return without(Finding("daemon", .error, told: error.description, otherwise: "sudo clawnode doctor"))
        case .success(.absent):
            // A state that cannot be read is told of by another check.
            let isJoined = (try? GatewayTarget(of: patient)) != nil
            let start = hasUnit(patient) ? NodeOwner.machine.start : "clawnode run"
            let words = "no daemon runs with \(place)"
            return without(isJoined ? .error("daemon", words, remedy: start) : .note("daemon", words, remedy: start))
        case .success(.untold(let path)) where hasUnit(patient) && access(path.folder, F_OK) != 0:
            // A service has no right to make it again; systemd makes it at the start.
            return without(
                .error(
                    "daemon", "a daemon runs with \(place), but \(path.folder), where it tells how it stands, is gone",
                    remedy: NodeOwner.machine.restart))
        case .success(.untold(let path)):
            return without(
                .warning(
                    "daemon", "a daemon runs with \(place), but has not written \(path)",
                    remedy: "\(patient.configuration.owner.clawnode) doctor --runtime-dir DIR, with the daemon's own"))
        case .success(.told(let status)):
            return [running(status), version(status, patient)] + conditions(status, patient)
        }
    }

    private func hasUnit(_ patient: Patient) -> Bool {
        access(patient.root + "/run/systemd/system", F_OK) == 0 && patient.surroundings.isRoot
    }

    private func without(_ finding: Finding) -> [Finding] {
        [finding] + Self.topics.dropFirst().map { .skipped($0, "no daemon tells") }
    }

    private func running(_ status: NodeStatus) -> Finding {
        let since = WallClock.text(.local, at: status.startedAtMs)
        return .ok(
            "daemon",
            "process \(status.pid) runs since \(since.date) \(since.clock.prefix(5)): \(status.state.rawValue)")
    }

    private func version(_ status: NodeStatus, _ patient: Patient) -> Finding {
        let restart = Supervisor(of: status.pid).restart
        if status.version != nodeVersion {
            return .warning(
                "daemon.version", "the daemon that runs is version \(status.version), this program is \(nodeVersion)",
                remedy: restart)
        }
        let file = patient.configuration.file
        let folder = ConfigurationFile.fragmentFolder(beside: file)
        for path in [file, folder] + patient.fragments(in: folder) {
            var entry = stat()
            guard stat(path, &entry) == 0 else { continue }
            let changed = entry.st_mtim.tv_sec * 1000 + entry.st_mtim.tv_nsec / 1_000_000
            if changed > status.startedAtMs {
                return .note(
                    "daemon.version",
                    "\(path) has changed since the daemon has read it, which it does when it is started",
                    remedy: restart)
            }
        }
        return .ok("daemon.version", "it is this version, \(nodeVersion), with the configuration as it is")
    }

    /// In its own words; those that are about the gateway have checks of their own.
    private func conditions(_ status: NodeStatus, _ patient: Patient) -> [Finding] {
        let ofGateway = ApprovalCheck.topicsByCondition.keys + ApprovalCheck.waysOnly
        let own = status.conditions.filter { !ofGateway.contains($0.id) }
        var findings = own.map { Finding("daemon.conditions", $0) }
        for worker in status.workers where worker.crashes > 0 {
            let times = worker.crashes == 1 ? "once" : "\(worker.crashes) times in a row"
            findings.append(
                .note(
                    "daemon.conditions", "\(worker.name) ended unexpectedly \(times)",
                    remedy: patient.configuration.owner.journal("clawnode -u 'clawnode-media@*' -n 50")))
        }
        return findings.isEmpty ? [.ok("daemon.conditions", "it complains of nothing")] : findings
    }
}
