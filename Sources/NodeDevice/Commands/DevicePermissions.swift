import NodeCore

/// `device.permissions` (node-commands §15.3): what the machine's owner lets gateways use. Nobody is asked: it is switched on here.
struct DevicePermissions: Command {
    static let name: CommandName = "device.permissions"
    static let summary = "What the machine's owner has switched on, and why the rest is not."

    struct Output: Encodable, Sendable {
        enum Status: String, Encodable {
            case granted, denied
        }

        struct Permission: Encodable {
            let status: Status
            var promptable = false
            let reason: String?
        }

        let permissions: [String: Permission]
    }

    /// Those that are told of, whatever this node can do, and the capabilities that they stand for.
    static let names = [
        ("camera", "camera"), ("microphone", "microphone"), ("location", "location"), ("screen", "screen"),
        ("notifications", "notify"), ("exec", "exec"), ("files", "files"), ("gpio", "gpio"),
    ]

    let capability: @Sendable (String) -> CapabilityState

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        let permissions = Self.names.map { name, capability -> (String, Output.Permission) in
            switch self.capability(capability) {
            case .on: (name, Output.Permission(status: .granted, reason: nil))
            case .denied(let reason): (name, Output.Permission(status: .denied, reason: reason))
            }
        }
        return Output(permissions: Dictionary(uniqueKeysWithValues: permissions))
    }
}

/// What the owner says of a capability.
package enum CapabilityState: Sendable {
    case on
    case denied(reason: String)

    /// Of what no part of this node does.
    package static let absent = CapabilityState.denied(reason: "this node does not do that")
}
