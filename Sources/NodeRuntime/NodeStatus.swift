import NodeCore
import Worker

/// What a running daemon tells of itself: `status.json` in the runtime directory. Never what was asked or answered.
package struct NodeStatus: Codable, Equatable, Sendable {
    package enum State: String, Codable, Sendable {
        case starting, connecting, connected, stopping
        case waiting = "waiting-to-retry"
        case approval = "waiting-for-approval"
        case notJoined = "not-joined"
    }

    package struct GatewayStatus: Codable, Equatable, Sendable {
        package var url: String
        package var serverVersion: String?
        package var protocolVersion: Int?
    }

    package struct Declared: Codable, Equatable, Sendable {
        package var caps: [String] = []
        package var commands: [String] = []
    }

    package struct Invocations: Codable, Equatable, Sendable {
        package var total = 0
        package var refused = 0
        /// The last ten, the newest first.
        package var recent: [Invocation] = []
    }

    package struct Invocation: Codable, Equatable, Sendable {
        package var atMs: Int
        package var command: String
        package var outcome: String
        package var durationMs: Double
        package var bytes: Int?
    }

    /// How often something that its owner had to switch on was used, since the start: by which command, when, how much left.
    package struct Usage: Codable, Equatable, Sendable {
        package var capability: String
        package var count = 0
        package var bytes = 0
        /// The last ten, the newest first.
        package var recent: [Invocation] = []
    }

    package var version = nodeVersion
    package var pid: Int
    package var state = State.starting
    package var deviceId: String?
    package var gateway: GatewayStatus?
    package var startedAtMs: Int
    package var connectedAtMs: Int?
    package var retryAtMs: Int?
    package var declared = Declared()
    package var conditions: [Condition] = []
    package var workers: [WorkerHost.Status] = []
    package var invocations = Invocations()
    package var usage: [Usage] = []

    static let fileName = "status.json"

    /// The state, and the worst condition in words.
    package var summary: String {
        let worst = conditions.max { $0.severity < $1.severity }
        return state.rawValue + (worst.map { ": " + $0.summary } ?? "")
    }
}
