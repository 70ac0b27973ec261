/// Whose node it is, and so how the lines begin that whoever looks after it is told to run.
package enum NodeOwner: Equatable, Sendable {
    /// The machine's own, which only root may change or look into.
    case machine
    /// One of its users', with all that goes by hand or with that user's service manager.
    case user

    /// Where the machine's own node keeps its state, and its status.
    package static let machineState = "/var/lib/clawnode"
    package static let machineRuntime = "/run/clawnode"

    /// Of the node with its state or its status, or a file of these, at `path`.
    package init(ofStateAt path: String) {
        let isMachines = [Self.machineState, Self.machineRuntime].contains { (path + "/").hasPrefix($0 + "/") }
        self = isMachines ? .machine : .user
    }

    /// What stands before a command that changes the node's files.
    package var sudo: String {
        switch self {
        case .machine: "sudo "
        case .user: ""
        }
    }

    /// The program, as it is called for this node.
    package var clawnode: String { sudo + "clawnode" }

    /// `condition` as a worker has raised it, which does not know whose node it serves.
    package func addressed(_ condition: Condition) -> Condition {
        guard let remedy = condition.remedy, remedy.hasPrefix("clawnode ") else { return condition }
        var condition = condition
        condition.remedy = sudo + remedy
        return condition
    }

    /// The line that does `verb` to one of the node's units.
    package func systemctl(_ verb: String, _ unit: String = "clawnode") -> String {
        switch self {
        case .machine: "sudo systemctl \(verb) \(unit)"
        case .user: "systemctl --user \(verb) \(unit)"
        }
    }

    /// The line that shows what `units` have logged, with journalctl's own words for which and how much.
    package func journal(_ units: String) -> String {
        switch self {
        case .machine: "sudo journalctl -u \(units)"
        case .user: "journalctl --user -u \(units)"
        }
    }

    /// The line that starts a daemon that is not running.
    package var start: String {
        switch self {
        case .machine: systemctl("start")
        case .user: "clawnode run, or: " + systemctl("start")
        }
    }

    /// What makes a daemon see what has changed. A user's may have been started in any way.
    package var restart: String {
        switch self {
        case .machine: systemctl("restart")
        case .user: "restart clawnode"
        }
    }
}
