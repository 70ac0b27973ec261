import Gateway
import LinuxIO
import NodeAudio
import NodeCamera
import NodeConfiguration
import NodeCore
import NodeDevice
import NodeLocation
import NodeNotify
import NodeScreen

/// A capability as the daemon knows it: THE list of what this program can be asked for.
package struct Family: Sendable {
    package let name: String
    /// A sentence for the owner.
    package let summary: String
    package let manual: [(name: CommandName, summary: String)]
    package let isOnByDefault: Bool
    /// The worker program that performs it; nil for the daemon itself.
    package let worker: String?
    /// Those of its commands that the worker of somebody's session is asked rather, where one has come: desktop and sound are its own.
    var ofSession: [CommandName] = []

    /// The one of them that tells what there is, and uses nothing.
    var list: CommandName?

    package var commands: [CommandName] { manual.map(\.name) }

    package static let all = [
        Family(
            name: DeviceCapability.name, summary: DeviceCapability.summary, manual: DeviceCapability.manual,
            isOnByDefault: true, worker: nil),
        Family(
            name: CameraCapability.name, summary: CameraCapability.summary, manual: CameraCapability.manual,
            isOnByDefault: false, worker: "clawnode-media", list: "camera.list"),
        Family(
            name: AudioCapability.name, summary: AudioCapability.summary, manual: AudioCapability.manual,
            isOnByDefault: false, worker: "clawnode-media", ofSession: AudioCapability.commands,
            list: "audio.list"),
        Family(
            name: LocationCapability.name, summary: LocationCapability.summary, manual: LocationCapability.manual,
            isOnByDefault: false, worker: nil),
        Family(
            name: NotifyCapability.name, summary: NotifyCapability.summary, manual: NotifyCapability.manual,
            isOnByDefault: false, worker: nil),
        Family(
            name: ScreenCapability.name, summary: ScreenCapability.summary, manual: ScreenCapability.manual,
            isOnByDefault: false, worker: "clawnode-media", ofSession: ScreenCapability.ofSession,
            list: "screen.list"),
    ]

    /// The line that switches it on.
    package func remedy(_ configuration: Configuration) -> String {
        let start =
            switch configuration.owner {
            case .machine: "then: \(configuration.owner.restart)"
            case .user: "\(configuration.owner.restart), or start it with --enable \(name)"
            }
        return "put \"capabilities\": {\"\(name)\": true} into \(configuration.file) and \(start)"
    }

    /// Switches it on for good, in a fragment of its own beside the configuration at `file`.
    package func switchOn(file: String) throws(StateError) {
        let folder = ConfigurationFile.fragmentFolder(beside: file)
        let path = "\(folder)/enable-\(name).json"
        let text = "// written by: clawnode join --enable \(name)\n{\"capabilities\": {\"\(name)\": true}}\n"
        do throws(Errno) {
            try StateFile.makeDirectory(folder, mode: 0o755)
            // The daemon and its workers may be other users, and it is no secret.
            try StateFile.write(path, Array(text.utf8), mode: 0o644)
        } catch { throw .unwritable(path: path, error) }
    }

    func disabled(_ configuration: Configuration) -> Refusal {
        Refusal(.disabled(name), remedy(configuration))
    }

    /// What its owner may want to stop at once: whatever had to be switched on.
    package var isPausable: Bool { !isOnByDefault }

    package static func named(forCommand command: String) -> Family? {
        all.first { family in family.commands.contains { $0.text == command } }
    }
}

extension Configuration {
    /// The commands that a daemon with it offers.
    package var offered: [String] {
        Family.all.filter { enabled.contains($0.name) }.flatMap(\.commands).map(\.text)
            .filter { commands?.contains($0) ?? true }
    }
}
