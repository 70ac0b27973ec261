import LinuxIO
import NodeRuntime

/// `clawnode status`: what the running daemon is doing.
enum Status: Subcommand {
    static let name = "status"
    static let summary = "show what the running daemon is doing"
    static let synopsis = "[--json] [--watch]"
    static let example = "clawnode status --watch"
    static let options = [Option.json, watch]

    private static let watch = Option(flag: "--watch", "show it again whenever it has changed, until the daemon ends")

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        let isJSON = arguments.has(Option.json.name)
        let presence = try DaemonPresence(configuration)
        guard arguments.has(watch.name), presence != .absent else {
            try tell(presence, configuration, isJSON)
            return .success
        }
        var feed = try DaemonFeed(configuration, on: program.loop)
        while true { try tell(try await feed.next(), configuration, isJSON) }
    }

    private static func tell(_ presence: DaemonPresence, _ configuration: Configuration, _ isJSON: Bool) throws {
        switch presence {
        case .absent:
            throw Failure(
                .notRunning,
                "no daemon runs with \(configuration.stateDirectory); start one: clawnode run, "
                    + "or: systemctl start clawnode")
        case .untold(let path):
            throw Failure(
                .notRunning,
                "a daemon runs with \(configuration.stateDirectory), but has not written \(path); "
                    + "if it was given another --runtime-dir, name it here too")
        case .told(let status): isJSON ? try Output.answer(json: status) : Output.answer(text(status))
        }
    }

    private static func text(_ status: NodeStatus) -> String {
        var lines = ["clawnode \(status.version), process \(status.pid): \(status.state.rawValue)"]
        if let gateway = status.gateway {
            let server = gateway.serverVersion.map { " (\($0), protocol \(gateway.protocolVersion ?? 0))" } ?? ""
            lines.append("gateway      \(gateway.url)\(server)")
        }
        if let id = status.deviceId { lines.append("device       \(id)") }
        lines.append("offers       \(status.declared.commands.joined(separator: " "))")
        lines.append("invocations  \(status.invocations.total), \(status.invocations.refused) refused")
        lines += status.invocations.recent.map(text)
        for usage in status.usage {
            let name = usage.capability + String(repeating: " ", count: max(1, 13 - usage.capability.count))
            lines.append("\(name)used \(usage.count) times, \(usage.bytes) bytes sent; the last were")
            lines += usage.recent.map(text)
        }
        for worker in status.workers {
            lines.append("worker       \(worker.name): " + (worker.pid.map { "process \($0)" } ?? "not needed now"))
        }
        for condition in status.conditions.sorted(by: { $0.severity > $1.severity }) {
            lines.append("\(condition.severity.rawValue)  \(condition.summary)")
            if let remedy = condition.remedy { lines.append("  do: \(remedy)") }
        }
        // Names and words in them are the gateway's.
        return lines.map(\.inOneLine).joined(separator: "\n")
    }

    private static func text(_ invocation: NodeStatus.Invocation) -> String {
        let at = WallClock.text(.local, at: invocation.atMs)
        let bytes = invocation.bytes.map { "  \($0) bytes" } ?? ""
        return "  \(at.date) \(at.clock)  \(invocation.command)  \(invocation.outcome)  "
            + "\(invocation.durationMs) ms\(bytes)"
    }
}
