import Gateway
import NodeRuntime

/// `clawnode identity`: who this node is.
enum Identity: Subcommand {
    static let name = "identity"
    static let summary = "show the device id and public key, made now when there are none"
    static let synopsis = "[--json] [--install-ssh-verify]"
    static let example = "clawnode identity --json"
    static let details = [
        "A gateway of summer 2026 or later that may log in here with ssh approves this node by itself, when "
            + "`openclaw node identity --json` answers with the same identity there. `--install-ssh-verify` writes a program that "
            + "does, \(SSHVerification.program), and leaves alone what is there already.",
        "Where the machine has a node of its own that runs, a user without one is told of that, and none is made.",
    ]
    static let options = [
        Option.json,
        Option(flag: "--install-ssh-verify", "let a gateway that may log in here see that it is this node"),
    ]

    private struct Answer: Encodable {
        var deviceId: String
        var publicKey: String
        var instanceId: String
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        let installs = arguments.has("--install-ssh-verify")
        // The program is root's, the state the daemon's; one that root would make here, the daemon could not read.
        let known = installs ? try DeviceIdentity.stored(in: configuration.stateDirectory) : nil
        if installs {
            guard let known else {
                throw Failure(
                    .refused, "there is no identity yet; it is made by: \(configuration.owner.clawnode) identity")
            }
            try SSHVerification.install(known)
            Output.talk("Written: \(SSHVerification.program)")
        }
        try Owner.become(of: configuration.stateDirectory)
        let identity = try known ?? identity(configuration, program)
        if arguments.has(Option.json.name) {
            try Output.answer(
                json: Answer(
                    deviceId: identity.deviceID, publicKey: identity.publicKey, instanceId: identity.instanceID))
        } else {
            Output.answer("device id   \(identity.deviceID)\npublic key  \(identity.publicKey)")
        }
        return .success
    }

    /// A user who has no node, on a machine that has one, wants to know that one's identity, and not a second one.
    private static func identity(
        _ configuration: Configuration, _ program: Program
    ) throws -> DeviceIdentity {
        let directory = configuration.stateDirectory
        let isMachines = program.surroundings.mayMeanSystems(insteadOf: directory)
        if let own = try DeviceIdentity.stored(in: directory) {
            if isMachines { Output.talk("This is your own node; the machine's is another: sudo clawnode identity") }
            return own
        }
        if isMachines, try GatewayRecord.load(from: directory) == nil {
            let id = program.surroundings.systemsStatus?.deviceId.map { ", device \($0)," } ?? ""
            throw Failure(
                .refused,
                "you have no node of your own, and none was made now; for the machine's\(id) run: sudo clawnode identity"
            )
        }
        let made = try DeviceIdentity.loadOrCreate(in: directory)
        Output.talk("Made now, and kept in \(directory)/\(DeviceIdentity.fileName).")
        return made
    }
}
