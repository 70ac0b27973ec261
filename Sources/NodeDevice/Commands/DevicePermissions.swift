import NodeCore

/// `device.permissions` (node-commands §15.3): what the machine's owner lets gateways use, and the system lets the node. Nobody is asked:
/// it is switched on here.
struct DevicePermissions: Command {
    static let name: CommandName = "device.permissions"
    static let summary =
        "What the node may use here, by its owner's word and the system's, and why it may not the rest."

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

    let capability: @Sendable (String, InvocationContext) async -> CapabilityState

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        // Of some of them a worker is asked.
        let permissions = await withTaskGroup(of: (String, Output.Permission).self) { group in
            for (name, capability) in Self.names {
                group.addTask {
                    switch await self.capability(capability, context) {
                    case .on: (name, Output.Permission(status: .granted, reason: nil))
                    case .denied(let reason): (name, Output.Permission(status: .denied, reason: reason))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        try Task.checkCancellation()
        return Output(permissions: permissions)
    }
}

/// Whether the node may use what a capability is about.
package enum CapabilityState: Sendable {
    case on
    case denied(reason: String)

    /// Of what no part of this node does.
    package static let absent = CapabilityState.denied(reason: "this node does not do that")
}
