import NodeCore
import NodeRuntime

/// `clawnode pause`: the local kill switch of a capability.
enum Pause: Subcommand {
    static let name = "pause"
    static let summary = "stop serving a capability at once, restarts included, until it is resumed"
    static let synopsis = "CAPABILITY"
    static let example = "clawnode pause camera"
    static let details = [
        "What is under way is refused, the devices are let go of, and a mark in the state directory keeps it so across "
            + "restarts. The owner's own `clawnode invoke` goes on."
    ]
    static let positionals = 1...1

    static func candidates(
        after positionals: [String], for current: String, _ program: Program
    ) async -> Candidates {
        .texts(Family.all.filter(\.isPausable).map { Candidate($0.name, $0.summary) })
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        try await set(isPaused: true, arguments, program)
    }

    /// Returns once the daemon, where one runs, has obeyed.
    static func set(isPaused: Bool, _ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        let capability = arguments.positionals[0]
        let known = Family.all.filter(\.isPausable).map(\.name)
        guard known.contains(capability) else {
            throw Failure(.usage, "\(capability) cannot be paused; what can: \(known.joined(separator: ", "))")
        }
        try Owner.become(of: configuration.stateDirectory)
        let marks = PauseMarks(directory: configuration.stateDirectory)
        try isPaused ? marks.place(capability) : marks.lift(capability)

        let word = isPaused ? "paused" : "resumed"
        switch try DaemonPresence(configuration) {
        case .told(let status) where status.declared.caps.contains(capability):
            try await follow(status.pid, configuration, program, to: isPaused, capability)
            Output.answer("\(capability) is \(word)")
        case .untold(let path):
            // It may well have obeyed; but who throws a switch has to know.
            throw Failure(
                .refused,
                "\(capability) is \(word), but whether the daemon knows is not told: it has not written \(path); if it was "
                    + "given another --runtime-dir, name it here too")
        case .absent where program.surroundings.mayMeanSystems(insteadOf: configuration.stateDirectory):
            throw Failure(
                .refused,
                "\(capability) is \(word) for a node of your own, which does not run; for the system's, which does: "
                    + "sudo clawnode \(isPaused ? name : Resume.name) \(capability)")
        case .absent, .told: Output.answer("\(capability) is \(word); no daemon serves it just now")
        }
        return .success
    }

    /// Returns once the daemon tells that it has obeyed.
    private static func follow(
        _ pid: Int, _ configuration: Configuration, _ program: Program, to isPaused: Bool, _ capability: String
    ) async throws {
        let paused = Condition.paused(capability, configuration.owner)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var feed = try DaemonFeed(configuration, on: program.loop)
                while let status = try await feed.next().status,
                    status.conditions.contains(where: { $0.id == paused.id }) != isPaused
                {}
            }
            group.addTask {
                try await program.loop.sleep(for: .seconds(5))
                throw Failure(.refused, "the daemon, process \(pid), does not say that it has obeyed")
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
