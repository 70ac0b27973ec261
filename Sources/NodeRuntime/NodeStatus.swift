import Gateway
import NodeCore
import Worker

/// What a running daemon tells of itself: `status.json` in the runtime directory. Never what was asked or answered.
///
/// Scripts read it: keys may come, and stay. What came later is optional, for after an upgrade the old daemon still runs.
package struct NodeStatus: Codable, Equatable, Sendable {
    package enum State: String, Codable, Sendable {
        case starting, connecting, connected, stopping
        case waiting = "waiting-to-retry"
        case approval = "waiting-for-approval"
        case notJoined = "not-joined"
    }

    package struct GatewayStatus: Codable, Equatable, Sendable {
        package var url: String
        /// Which of the gateway's further addresses answers, where `url` does not.
        package var via: String?
        package var serverVersion: String?
        package var protocolVersion: Int?
        package var dialect: String?

        /// Whether it lets through only what its configuration allows, as far as is known. GoClaw gateways know no such list.
        var hasAllowList: Bool { dialect != Dialect.goclaw.rawValue }
    }

    package struct Declared: Codable, Equatable, Sendable {
        package var caps: [String] = []
        package var commands: [String] = []
        /// Those of the commands that the gateway has asked for since the start. It lets through what it allows, and never
        /// tells which those are (openclaw-gateway §7).
        package var asked: [String]?
    }

    /// What the gateway's operator has let through, as far as a node can know it (openclaw-gateway §5.2).
    package struct Approvals: Codable, Equatable, Sendable {
        package enum Device: String, Codable, Sendable {
            case unknown, waiting, approved, rejected
        }

        /// Of the caps and commands that are declared. That they were approved shows when the first of them is asked for.
        package enum Surface: String, Codable, Sendable {
            case unknown, approved
        }

        package var device = Device.unknown
        package var surface = Surface.unknown
    }

    package struct Invocations: Codable, Equatable, Sendable {
        package var total = 0
        package var refused = 0
        /// How many ended in which way: `ok`, or a refusal's code.
        package var outcomes: [String: Int]?
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
    /// How often a connection was made again.
    package var reconnects: Int?
    package var approvals: Approvals?
    package var declared = Declared()
    package var conditions: [Condition] = []
    package var workers: [WorkerHost.Status] = []
    /// The sessions whose workers have come; nil where none may.
    package var sessions: [SessionWorkers.Status]?
    package var invocations = Invocations()
    package var usage: [Usage] = []

    package static let fileName = "status.json"

    /// Whether the gateway's operator may have to name in its configuration what it lets through, as far as is known.
    package var hasAllowList: Bool {
        gateway?.hasAllowList == true && !conditions.contains { $0.id == "protocol" }
    }

    /// The state, and the worst condition in words.
    package var summary: String {
        let worst = conditions.max { $0.severity < $1.severity }
        return state.rawValue + (worst.map { ": " + $0.summary } ?? "")
    }
}

extension NodeStatus {
    /// Moves what has happened to where it is on a wall clock that was put forward. The start stays: it tells one daemon from
    /// the next.
    mutating func shift(by milliseconds: Int) {
        func shift(_ invocations: inout [Invocation]) {
            for index in invocations.indices { invocations[index].atMs += milliseconds }
        }
        connectedAtMs? += milliseconds
        retryAtMs? += milliseconds
        shift(&invocations.recent)
        for index in usage.indices { shift(&usage[index].recent) }
    }
}
