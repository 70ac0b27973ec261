import LinuxIO
import NodeRuntime

extension Patient {
    /// Who opens devices. The daemon's child is its user, and so is what a user's own manager starts. The machine's starts a worker
    /// as another, with groups of its own.
    func mediaUser() async -> User {
        guard configuration.mediaSocket != nil, surroundings.isRoot else { return user }
        let unit = await Systemd(self, isUsers: false)?.properties(
            ["User", "SupplementaryGroups"], of: "clawnode-media@doctor.service")
        var user = unit?["User"].flatMap(User.init(named:)) ?? User(named: "clawnode-media") ?? user
        for group in (unit?["SupplementaryGroups"] ?? "").split(separator: " ") {
            if let id = User.group(named: String(group)) { user.groups.insert(id) }
        }
        return user
    }

    /// What gives the daemon's children the groups that its user has now; nil where systemd starts each worker afresh.
    var restart: String? {
        configuration.mediaSocket == nil ? status.map { Supervisor(of: $0.pid).restart } : nil
    }
}
