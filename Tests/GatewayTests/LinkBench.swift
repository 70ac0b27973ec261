import NodeCore
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// A link under way, on hand-moved time and connections without sockets.
struct LinkBench: Sendable {
    let clock = HandClock()
    let household = Household()
    let network = FakeNetwork()
    let bell = WakeBell()
    let events = EventFeed<LinkEvent>()
    let folder: ScratchFolder
    let link: GatewayLink

    /// `dial`: instead of the fake network's.
    init(
        in folder: ScratchFolder? = nil, secret: SharedSecret = SharedSecret(token: "secret"),
        bootstrapToken: BootstrapToken? = nil, isTrusted: Bool = true, profile: NodeProfile = Samples.profile,
        dialect: DialectSetting = .openclaw, dial: GatewayLink.Dial? = nil
    ) throws {
        let folder = try folder ?? ScratchFolder()
        self.folder = folder
        let settings = GatewayLink.Settings(
            gateway: Samples.gateway, profile: profile, identity: Samples.identity, secret: secret,
            bootstrapToken: bootstrapToken, isTrusted: isTrusted, dialect: dialect, invocationLimit: 8)
        let network = network
        let events = events
        link = GatewayLink(
            settings, registry: household.registry, tokens: try TokenStore(directory: folder.path),
            dial: dial ?? network.dial, ask: network.ask, bell: bell, timekeeper: clock, log: .silent,
            report: { events.emit($0) })
    }

    /// Runs the link and `body` beside it, then stops it and waits for its end.
    func run(_ body: @escaping @Sendable (inout Gateway) async throws -> Void) async throws {
        async let running: Void = link.run()
        var gateway = Gateway(self)
        try await body(&gateway)
        link.stop()
        try await running
    }

    /// What is in the state directory now.
    func memory() throws -> TokenStore.Memory {
        try TokenStore(directory: folder.path).memory(of: Samples.gateway, deviceID: Samples.deviceID)
    }

    /// The other side: takes the node's connections one after the other, and sees what the link reports.
    struct Gateway: Sendable {
        let bench: LinkBench
        private var connections: EventFeed<FakeTransport>.Reader
        private var events: EventFeed<LinkEvent>.Reader

        init(_ bench: LinkBench) {
            self.bench = bench
            connections = bench.network.connections.reader()
            events = bench.events.reader()
        }

        mutating func next() async throws -> Listener {
            Listener(try await connections.next())
        }

        mutating func event<R>(_ pick: (LinkEvent) -> R?) async throws -> R {
            try await events.first(pick)
        }

        struct Wait {
            let condition: Condition
            let isApproval: Bool
            let delay: Duration
        }

        /// The next wait that the link reports.
        mutating func wait() async throws -> Wait {
            try await event {
                guard case .waiting(let condition, let isApproval, let delay) = $0 else { return nil }
                return Wait(condition: condition, isApproval: isApproval, delay: delay)
            }
        }

        /// The same, and lets it pass.
        @discardableResult
        mutating func waitOver() async throws -> Wait {
            let wait = try await wait()
            if wait.delay > .zero {
                await bench.clock.sleepers(1)
                bench.clock.advance(by: wait.delay)
            }
            return wait
        }

        mutating func connected() async throws -> Hello {
            try await event { if case .connected(let hello) = $0 { hello } else { nil } }
        }
    }
}

extension JSONValue {
    /// The version of the string that was signed in these `connect` params, as a gateway of April finds it.
    func proof() throws -> ProofVersion {
        try DeviceProof(release: .april, nonce: Samples.nonce, now: 1_767_225_600_000).check(ConnectParams(self))
    }

    /// The credential in these `connect` params.
    var credential: [String: String] {
        let members = self["auth"]?.object?.members ?? []
        return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.string ?? "") })
    }
}

extension JSONValue {
    /// The error of a refused `connect`.
    static func error(_ code: String, _ message: String, details: JSONValue? = nil) -> JSONValue {
        .members(["code": .string(code), "message": .string(message), "details": details])
    }

    static func pairing(_ id: String) -> JSONValue {
        error(
            "NOT_PAIRED", "pairing required",
            details: ["code": "PAIRING_REQUIRED", "requestId": .string(id), "reason": "not-paired"])
    }
}
