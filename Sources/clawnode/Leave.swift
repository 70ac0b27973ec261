import Gateway
import NodeCore
import NodeRuntime

/// `clawnode leave`: forget the gateway.
enum Leave: Subcommand {
    static let name = "leave"
    static let summary = "forget the gateway and its tokens; the identity stays"
    static let synopsis = "[--identity [--yes]]"
    static let example = "clawnode leave"
    static let details = ["Where none was joined, it says so and is content: the end is the same."]
    static let options = [
        Option(flag: "--identity", "remove the identity too; every gateway will see a stranger"),
        Option(flag: "--yes", "do not ask"),
    ]

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        let directory = configuration.stateDirectory
        try refuseWhileServed(configuration)
        let removesIdentity = arguments.has("--identity")
        if removesIdentity && !arguments.has("--yes") {
            Output.talk("Remove the identity in \(directory) for good? Type yes:")
            guard readLine() == "yes" else { throw Failure(.refused, "nothing was removed") }
        }
        // Somebody may have started one while we waited.
        try refuseWhileServed(configuration)
        try Owner.become(of: directory)
        let wasJoined = try GatewayRecord.remove(from: directory)
        try TokenStore.remove(from: directory)
        if removesIdentity { try DeviceIdentity.remove(from: directory) }
        Output.talk(
            (wasJoined ? "The gateway is forgotten" : "No gateway had been joined with \(directory)")
                + (removesIdentity ? "; who we were is forgotten." : "."))
        if let configured = configuration.gateway {
            Output.talk("The configuration still names one, \(configured): clawnode config check")
        }
        if !wasJoined, program.surroundings.mayMeanSystems(insteadOf: directory) {
            Output.talk("Was it for the system's, which runs? \(NodeOwner.machine.clawnode) leave")
        }
        return .success
    }

    private static func refuseWhileServed(_ configuration: Configuration) throws {
        let directory = configuration.stateDirectory
        guard try StateDirectory.isClaimed(directory) else { return }
        // Without a status that can be read, its unit's usual name has to do.
        let daemon = (try? DaemonPresence(configuration))?.status.map { Supervisor(of: $0.pid) }
        let stop =
            (daemon ?? (configuration.owner == .machine ? .systemd(unit: "clawnode") : .userSystemd(unit: "clawnode")))
            .stop
        throw Failure(.cannotWrite, "a daemon runs with \(directory); stop it first: \(stop)")
    }
}
