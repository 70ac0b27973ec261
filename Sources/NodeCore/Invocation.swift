import LinuxIO

/// One request for one command, wherever it comes from.
package struct Invocation: Sendable {
    package var id: String
    package var command: CommandName
    /// JSON text; nil when nothing was said.
    package var params: [UInt8]?
    /// When the asker stops listening; nil for never.
    package var deadline: ContinuousClock.Instant?
    /// How many bytes the reply's JSON text may have, the base64 of a blob included.
    package var payloadLimit: Int
    /// The capabilities that are on and not paused, for commands that use what another one offers.
    package var capabilities: Set<String>

    package init(
        id: String, command: CommandName, params: [UInt8]? = nil, deadline: ContinuousClock.Instant? = nil,
        payloadLimit: Int, capabilities: Set<String> = []
    ) {
        self.capabilities = capabilities
        self.id = id
        self.command = command
        self.params = params
        self.deadline = deadline
        self.payloadLimit = payloadLimit
    }
}

/// What a command may know of the invocation it serves, beside its params.
package struct InvocationContext: Sendable {
    package let id: String
    package let deadline: ContinuousClock.Instant?
    package let payloadLimit: Int
    private let capabilities: Set<String>
    package let timekeeper: any Timekeeper
    package let log: Log

    package init(
        id: String, deadline: ContinuousClock.Instant?, payloadLimit: Int, capabilities: Set<String> = [],
        timekeeper: any Timekeeper, log: Log
    ) {
        self.capabilities = capabilities
        self.id = id
        self.deadline = deadline
        self.payloadLimit = payloadLimit
        self.timekeeper = timekeeper
        self.log = log
    }

    /// Refuses what would take so long that nobody listens any more: half of it is nothing. `what` begins the sentence.
    package func expect(_ what: String, toTake needed: Duration) throws(Refusal) {
        guard let left = deadline.map({ timekeeper.now.duration(to: $0) }), left < needed else { return }
        func milliseconds(_ duration: Duration) -> String { "\(max(0, Int(duration / .milliseconds(1)))) ms" }
        throw Refusal(
            .unavailable,
            "TIMEOUT: \(what) takes up to \(milliseconds(needed)), and only \(milliseconds(left)) are left; "
                + "ask for a smaller durationMs or allow more timeoutMs")
    }

    /// Whether the owner lets that capability be used just now.
    package func isOn(_ capability: String) -> Bool { capabilities.contains(capability) }
}

/// What comes back: the JSON text of an object, with at most one blob, or a refusal.
package struct Reply: Sendable {
    package var outcome: Result<[UInt8], Refusal>
    package var blob: Blob?

    package init(outcome: Result<[UInt8], Refusal>, blob: Blob? = nil) {
        self.outcome = outcome
        self.blob = blob
    }

    package static func refused(_ refusal: Refusal) -> Reply {
        Reply(outcome: .failure(refusal))
    }
}
