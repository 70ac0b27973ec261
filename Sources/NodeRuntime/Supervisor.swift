import LinuxIO
import NodeCore

/// Who looks after a daemon, so that the line that stops or restarts it is one that works here.
package enum Supervisor: Equatable, Sendable {
    case systemd(unit: String)
    case userSystemd(unit: String)
    /// It was started by hand, or by something that is not known.
    case nobody(pid: Int)

    /// As the daemon's control group tells (cgroups(7)), which everybody may read.
    package init(of pid: Int) {
        // A daemon that has just ended has none; then there is nothing to find out about it.
        let bytes = (try? StateFile.read("/proc/\(pid)/cgroup")) ?? []
        self.init(cgroups: String(decoding: bytes, as: UTF8.self), pid: pid)
    }

    /// A daemon that is started by hand in the terminal of a desktop, or by cron, is in a unit too: only one of ours counts.
    init(cgroups: String, pid: Int) {
        for line in cgroups.split(separator: "\n") {
            let path = line.split(separator: ":", maxSplits: 2).last ?? ""
            let name = path.split(separator: "/").last ?? ""
            guard name.hasPrefix("clawnode"), name.hasSuffix(".service") else { continue }
            let unit = String(name.dropLast(".service".count))
            self = path.contains("/user@") ? .userSystemd(unit: unit) : .systemd(unit: unit)
            return
        }
        self = .nobody(pid: pid)
    }

    package var restart: String {
        switch self {
        case .systemd(let unit): NodeOwner.machine.systemctl("restart", unit)
        case .userSystemd(let unit): NodeOwner.user.systemctl("restart", unit)
        case .nobody(let pid): "kill \(pid), then as it was started, like: clawnode run"
        }
    }

    package var stop: String {
        switch self {
        case .systemd(let unit): NodeOwner.machine.systemctl("stop", unit)
        case .userSystemd(let unit): NodeOwner.user.systemctl("stop", unit)
        case .nobody(let pid): "kill \(pid)"
        }
    }
}
