import Gateway

/// `clawnode identity`: who this node is.
enum Identity: Subcommand {
    static let name = "identity"
    static let summary = "show the device id and public key, made now when there are none"
    static let synopsis = "[--json]"
    static let example = "clawnode identity --json"
    static let options = [Option.json]

    private struct Answer: Encodable {
        var deviceId: String
        var publicKey: String
        var instanceId: String
    }

    static func run(_ arguments: Arguments, _ program: Program) async throws -> ExitCode {
        let configuration = try program.configuration(arguments)
        try Owner.become(of: configuration.stateDirectory)
        let identity = try DeviceIdentity.loadOrCreate(in: configuration.stateDirectory)
        if arguments.has(Option.json.name) {
            try Output.answer(
                json: Answer(
                    deviceId: identity.deviceID, publicKey: identity.publicKey, instanceId: identity.instanceID))
        } else {
            Output.answer("device id   \(identity.deviceID)\npublic key  \(identity.publicKey)")
        }
        return .success
    }
}
