import NodeCamera
import NodeCore
import NodeDevice

/// A capability as the daemon knows it: THE list of what this program can be asked for.
package struct Family: Sendable {
    package let name: String
    package let commands: [CommandName]
    package let isOnByDefault: Bool
    /// The worker program that performs it; nil for the daemon itself.
    package let worker: String?

    package static let all = [
        Family(name: DeviceCapability.name, commands: DeviceCapability.commands, isOnByDefault: true, worker: nil),
        Family(
            name: CameraCapability.name, commands: CameraCapability.commands, isOnByDefault: false,
            worker: "clawnode-media"),
    ]

    /// The line that switches it on.
    package func remedy(file: String) -> String {
        "put \"capabilities\": {\"\(name)\": true} into \(file) and restart clawnode, or start it with --enable \(name)"
    }

    func disabled(file: String) -> Refusal {
        Refusal(Refusal.Code(rawValue: name.uppercased() + "_DISABLED"), remedy(file: file))
    }
}
