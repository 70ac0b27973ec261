import Glibc
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
        let terminal = Terminal(STDOUT_FILENO, type: program.surroundings.variables["TERM"])
        let presence = try DaemonPresence(configuration)
        guard arguments.has(watch.name), presence != .absent else {
            let status = try status(presence, configuration, program)
            isJSON ? try Output.answer(json: status) : Output.answer(text(status, terminal, program))
            return .success
        }
        if let terminal, !isJSON { try await redraw(on: terminal, configuration, program) }
        try await append(configuration, isJSON, program)
        return .success
    }

    /// What the daemon tells. Throws `Failure` when there is nothing.
    private static func status(
        _ presence: DaemonPresence, _ configuration: Configuration, _ program: Program
    ) throws -> NodeStatus {
        switch presence {
        case .absent:
            let absence = "no daemon runs with \(configuration.stateDirectory); "
            let start = configuration.owner.start
            guard program.surroundings.mayMeanSystems(insteadOf: configuration.stateDirectory) else {
                throw Failure(.notRunning, absence + "start one: \(start)")
            }
            let state = program.surroundings.systemsStatus.map { " and is \($0.state.rawValue)" } ?? ""
            throw Failure(
                .notRunning,
                absence
                    + "the machine's own runs\(state), look at it: sudo clawnode status; or start your own: \(start)")
        case .untold(let path):
            throw Failure(
                .notRunning,
                "a daemon runs with \(configuration.stateDirectory), but has not written \(path); "
                    + "if it was given another --runtime-dir, name it here too")
        case .told(let status): return status
        }
    }

    private static func text(_ status: NodeStatus, _ terminal: Terminal?, _ program: Program) -> String {
        report(status, terminal, program).joined(separator: "\n")
    }

    private static func report(_ status: NodeStatus, _ terminal: Terminal?, _ program: Program) -> [String] {
        let isColoured = terminal != nil && (program.surroundings.variables["NO_COLOR"] ?? "").isEmpty
        let paper = StatusReport.Paper(width: terminal?.size.columns, isColoured: isColoured)
        return StatusReport(
            status, now: WallClock.milliseconds, processAge: processAge(of: status.pid), on: paper
        ).lines
    }

    // MARK: Watching

    /// A block for each change, for whoever reads a file or a pipe; returns once nobody does any more.
    private static func append(_ configuration: Configuration, _ isJSON: Bool, _ program: Program) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var feed = try DaemonFeed(configuration, on: program.loop)
                var isFirst = true
                while true {
                    let status = try status(try await feed.next(), configuration, program)
                    if isJSON {
                        try Output.answer(json: status)
                    } else {
                        Output.answer((isFirst ? "" : "\n") + text(status, nil, program))
                    }
                    isFirst = false
                }
            }
            group.addTask { try await Output.lostReader(on: program.loop) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// In place, each second, for ages grow by themselves; as far as there is room. Leaves the cursor below what it has
    /// written, and so nothing has to be put back by whoever interrupts it.
    private static func redraw(
        on terminal: Terminal, _ configuration: Configuration, _ program: Program
    ) async throws -> Never {
        let resizes = try SignalListener([SIGWINCH], on: program.loop)
        let feed = try DaemonFeed(configuration, on: program.loop)
        var last = ""
        while true {
            let presence = try DaemonPresence(configuration)
            let status = try status(presence, configuration, program)
            let screen = screen(report(status, terminal, program), or: status.state.rawValue, terminal)
            if screen != last { Output.draw("\u{1B}[H\u{1B}[J" + screen) }
            last = screen
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await feed.pause()
                    return false
                }
                group.addTask {
                    _ = try await resizes.next()
                    return true
                }
                // What was broken into lines for another width is somewhere else now.
                if try await group.next() == true { last = "" }
                group.cancelAll()
            }
        }
    }

    /// As much as there is room for, above the line where the cursor stays; in a terminal of a line or two, this `word`.
    private static func screen(_ lines: [String], or word: String, _ terminal: Terminal) -> String {
        let (columns, rows) = terminal.size
        var room = rows - 1
        let shown = lines.prefix { line in
            // Control sequences count too: better a line too few than one that scrolls.
            room -= max(1, (line.count + columns - 1) / columns)
            return room >= 0
        }
        return shown.isEmpty ? String(word.prefix(columns)) : shown.map { $0 + "\n" }.joined()
    }
}
