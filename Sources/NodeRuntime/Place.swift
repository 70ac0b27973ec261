import Gateway
import NodeConfiguration

/// A file that this program reads or writes, and where it is when nothing names another place.
package struct Place: Sendable {
    package let ofRoot: String
    package let ofUser: String
    package let meaning: String

    private init(_ meaning: String, _ path: (Surroundings) -> String) {
        let home = ["HOME": "~", "XDG_RUNTIME_DIR": "$XDG_RUNTIME_DIR"]
        ofRoot = path(Surroundings(variables: [:], isRoot: true))
        ofUser = path(Surroundings(variables: home, isRoot: false))
        self.meaning = meaning
    }

    package static let all = [
        Place("The configuration: clawnode.json(5).") { $0.defaultConfigurationFile },
        Place("More of it, in the order of their names; `clawnode join --enable` writes here.") {
            ConfigurationFile.fragmentFolder(beside: $0.defaultConfigurationFile) + "/*.json"
        },
        state(DeviceIdentity.fileName, "Who this node is: its key. When it is lost, every gateway sees a stranger."),
        state(GatewayRecord.fileName, "The joined gateway, with the shared token for when this node's own is refused."),
        state(TokenStore.fileName, "What gateways have given this node to be let in again."),
        state(PauseMarks.fileName("*"), "A mark for each capability that is paused."),
        state(StateDirectory.lockName, "Held by the daemon that runs with this directory."),
        Place("What a running daemon tells of itself; never what it was asked or has answered.") {
            ($0.defaultRuntimeDirectory ?? "") + "/" + NodeStatus.fileName
        },
        Place("Where the daemon listens for the workers of sessions that `sessions.allow` names.") {
            ($0.defaultRuntimeDirectory ?? "") + "/" + SessionWorkers.socketName
        },
        Place("Where systemd listens for who needs a media worker.") { $0.defaultMediaSocket },
    ]

    private static func state(_ name: String, _ meaning: String) -> Place {
        Place(meaning) { ($0.defaultStateDirectory ?? "") + "/" + name }
    }
}
